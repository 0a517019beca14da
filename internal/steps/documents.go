package steps

import (
	"fmt"
	"strings"
)

// Documents returns task definitions of about n bytes that a careless parser or check takes more than
// linear time for, by what they are made of. They are the same each time.
func Documents(n int) map[string]string {
	fill := func(head, item, tail string) string {
		return head + strings.Repeat(item, (n-len(head)-len(tail))/len(item)) + tail
	}
	number := func(head, format, tail string) string {
		var b strings.Builder
		b.WriteString(head)
		for i := 0; b.Len() < n-len(tail)-24; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return b.String() + tail
	}
	halves := func(head, first, middle, second, tail string) string {
		var b strings.Builder
		b.WriteString(head)
		for i := 0; b.Len() < n/2; i++ {
			fmt.Fprintf(&b, first, i)
		}
		return number(b.String()+middle, second, tail)
	}
	return map[string]string{
		"unknown keys":     number(`{"containerDefinitions":[{`, `"k%d":0,`, `"name":"a"}]}`),
		"one key":          fill(`{`, `"family":"a",`, `"cpu":"1"}`),
		"empty containers": fill(`{"containerDefinitions":[`, `{},`, `{}]}`),
		"containers of one": fill(`{"containerDefinitions":[`,
			`{"name":"a","dependsOn":[{"containerName":"a"}]},`, `{}]}`),
		"chain":  number(`{"containerDefinitions":[`, `{"name":"c%d"},`, `{}]}`),
		"depth":  fill(`{"x":`, `[`, ``),
		"mounts": fill(`{"containerDefinitions":[{"mountPoints":[`, `{},`, `{}]}]}`),
		"volumes and mounts": halves(`{"volumes":[`,
			`{"name":"v%d"},`, `{}],"containerDefinitions":[{"mountPoints":[`, `{"sourceVolume":"v%d"},`, `{}]}]}`),
		"volumes at launch": halves(`{"volumes":[`,
			`{"name":"v%d","configuredAtLaunch":true},`, `{}],"containerDefinitions":[{"mountPoints":[`,
			`{"sourceVolume":"w%d"},`, `{}]}]}`),
		"volumes from": halves(`{"containerDefinitions":[`,
			`{"name":"c%d"},`, `{"volumesFrom":[`, `{"sourceContainer":"c%d"},`, `{}]}]}`),
		"dependencies": halves(`{"containerDefinitions":[`,
			`{"name":"c%d"},`, `{"dependsOn":[`, `{"containerName":"c%d"},`, `{}]}]}`),
		"a name in each fault": fill(
			`{"containerDefinitions":[{"name":"`+strings.Repeat("a", n/2)+`","portMappings":[`, `{},`, `{}]}]}`),
		"ranges": number(`{"networkMode":"awsvpc","containerDefinitions":[{"portMappings":[`,
			`{"containerPortRange":"%d-65535"},`, `{}]}]}`),
		"secrets": number(`{"containerDefinitions":[{"secrets":[`,
			`{"name":"s%d","valueFrom":"s"},`, `{}]}]}`),
		"options": number(`{"containerDefinitions":[{"logConfiguration":{"logDriver":"awslogs","options":{`,
			`"o%d":"",`, `"o":""}}}]}`),
		"constraints":         fill(`{"placementConstraints":[`, `{"type":"memberOf","expression":"a"},`, `{}]}`),
		"properties of proxy": fill(`{"proxyConfiguration":{"properties":[`, `{},`, `{}]}}`),
		"tags":                fill(`{"tags":[`, `{"key":"a"},`, `{}]}`),
		"text":                fill(`{"family":"`, `a`, `"}`),
	}
}
