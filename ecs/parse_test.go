package ecs_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/stretchr/testify/require"
)

func TestParseReadsWhatCanBeRead(t *testing.T) {
	d, err := ecs.ParseTaskDefinition([]byte(`{
		"family": "web", "family": "web2", "networkMode": null, "cpu": 256, "revision": 2,
		"containerDefinitions": [
			{"name": "a", "memory": "128", "essential": "false", "command": ["x", 1], "entryPoint": ["x", {}], "cpu": 1.5},
			7,
			{"name": "b", "healthCheck": "curl", "dockerLabels": {"n": 1}, "stopTimeout": 6e1, "restartPolicy": {"enabled": true, "ignoredExitCodes": [1, "x"]}}
		]}`))
	require.Error(t, err)
	require.Equal(t, "web2", d.Family, "the last counts")
	require.Equal(t, "256", d.CPU)
	require.Zero(t, d.NetworkMode)
	require.Equal(t, 2, d.Revision)
	require.Len(t, d.ContainerDefinitions, 3)
	a, b := d.ContainerDefinitions[0], d.ContainerDefinitions[2]
	require.Equal(t, 128, a.Memory)
	require.Equal(t, ecs.Some(false), a.Essential)
	require.Equal(t, []string{"x", "1"}, a.Command)
	require.Nil(t, a.EntryPoint)
	require.Nil(t, b.HealthCheck)
	require.Equal(t, map[string]string{"n": "1"}, b.DockerLabels)
	require.Equal(t, ecs.Some(60), b.StopTimeout)
	require.Equal(t, []string{
		"SerializationException containerDefinitions[0].command[1]",
		"SerializationException containerDefinitions[0].cpu",
		"SerializationException containerDefinitions[0].entryPoint[1]",
		"SerializationException containerDefinitions[0].essential",
		"SerializationException containerDefinitions[0].memory",
		"SerializationException containerDefinitions[1]",
		"SerializationException containerDefinitions[2].dockerLabels.n",
		"SerializationException containerDefinitions[2].healthCheck",
		"SerializationException containerDefinitions[2].restartPolicy.ignoredExitCodes[1]",
		"SerializationException cpu",
		"InvalidParameterException family",
		"InvalidParameterException revision",
	}, named(err))

	data, err := json.Marshal(d)
	require.NoError(t, err)
	for _, kept := range []string{`"entryPoint":["x",{}]`, `"cpu":1.5`, `"healthCheck":"curl"`} {
		require.Contains(t, string(data), kept)
	}
}

func TestParseTolerantly(t *testing.T) {
	const data = `{"family":"web","Family":"x","containerDefinitions":[{"name":"a","image":"b","new":{"k":[1]}}],"revision":3,"x":null}`
	var d ecs.TaskDefinition
	require.NoError(t, json.Unmarshal([]byte(data), &d))
	require.Equal(t, "web", d.Family)
	require.Equal(t, 3, d.Revision)
	out, err := json.Marshal(d)
	require.NoError(t, err)
	require.JSONEq(t, data, string(out))

	require.ErrorIs(t, json.Unmarshal([]byte(`{"cpu":[]}`), &d), ecs.SerializationException)
	require.Zero(t, d.Family, "the receiver is overwritten")
	var many []ecs.TaskDefinition
	require.NoError(t, json.Unmarshal([]byte("["+data+",null]"), &many))
	require.Len(t, many, 2)
}

func TestParseRefusesBySize(t *testing.T) {
	hostile := bytes.Repeat([]byte("["), 10<<20)
	least := time.Hour // of several: a busy machine may take its time once
	for range 20 {
		start := time.Now()
		_, err := ecs.ParseTaskDefinition(hostile)
		least = min(least, time.Since(start))
		require.ErrorIs(t, err, ecs.ClientException)
	}
	require.Less(t, least, 10*time.Millisecond)

	deep := func(n int) []byte {
		return []byte(`{"x":` + strings.Repeat("[", n-1) + strings.Repeat("]", n-1) + `}`)
	}
	for n, broken := range map[int]bool{10_000: false, 10_001: true} { //order:any each alone
		require.Equal(t, broken, !json.Valid(deep(n)))
		d, err := ecs.ParseTaskDefinition(deep(n))
		require.Equal(t, broken, errors.Is(err, ecs.SerializationException), "%d deep: %v", n, err)
		_, err = json.Marshal(d)
		require.NoError(t, err)
	}

	long := fmt.Sprintf(`{"family": "web", "containerDefinitions": [{"name": "a", "image": "b", "memory": 4, "command": [%q]}]}`, strings.Repeat("x", 64<<10))
	d, err := ecs.ParseTaskDefinition([]byte(long))
	require.Equal(t, []string{"ClientException "}, named(err))
	require.Equal(t, "web", d.Family)

	spacious := strings.Replace(`{"family": "web", "containerDefinitions": [ {"name": "a", "image": "b", "memory": 4}]}`, " ", strings.Repeat(" ", 70000), 1)
	_, err = ecs.ParseTaskDefinition([]byte(spacious))
	require.NoError(t, err, "white space does not count")
}

// hostileDocuments are documents of n bytes that could take more than linear time.
func hostileDocuments(n int) map[string]string {
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
		"unknown keys":         number(`{"containerDefinitions":[{`, `"k%d":0,`, `"name":"a"}]}`),
		"one key":              fill(`{`, `"family":"a",`, `"cpu":"1"}`),
		"empty containers":     fill(`{"containerDefinitions":[`, `{},`, `{}]}`),
		"containers of one":    fill(`{"containerDefinitions":[`, `{"name":"a","dependsOn":[{"containerName":"a"}]},`, `{}]}`),
		"chain":                number(`{"containerDefinitions":[`, `{"name":"c%d"},`, `{}]}`),
		"depth":                fill(`{"x":`, `[`, ``),
		"mounts":               fill(`{"containerDefinitions":[{"mountPoints":[`, `{},`, `{}]}]}`),
		"volumes and mounts":   halves(`{"volumes":[`, `{"name":"v%d"},`, `{}],"containerDefinitions":[{"mountPoints":[`, `{"sourceVolume":"v%d"},`, `{}]}]}`),
		"volumes at launch":    halves(`{"volumes":[`, `{"name":"v%d","configuredAtLaunch":true},`, `{}],"containerDefinitions":[{"mountPoints":[`, `{"sourceVolume":"w%d"},`, `{}]}]}`),
		"a name in each fault": fill(`{"containerDefinitions":[{"name":"`+strings.Repeat("a", n/2)+`","portMappings":[`, `{},`, `{}]}]}`),
		"ranges":               number(`{"networkMode":"awsvpc","containerDefinitions":[{"portMappings":[`, `{"containerPortRange":"%d-65535"},`, `{}]}]}`),
		"secrets":              number(`{"containerDefinitions":[{"secrets":[`, `{"name":"s%d","valueFrom":"s"},`, `{}]}]}`),
		"options":              number(`{"containerDefinitions":[{"logConfiguration":{"logDriver":"awslogs","options":{`, `"o%d":"",`, `"o":""}}}]}`),
		"constraints":          fill(`{"placementConstraints":[`, `{"type":"memberOf","expression":"a"},`, `{}]}`),
		"properties of proxy":  fill(`{"proxyConfiguration":{"properties":[`, `{},`, `{}]}}`),
		"tags":                 fill(`{"tags":[`, `{"key":"a"},`, `{}]}`),
		"text":                 fill(`{"family":"`, `a`, `"}`),
	}
}

// TestParseTakesLinearTime compares a document with eight of an eighth of its length: linear
// time is the same, quadratic time eight times as long, on a busy machine too. Times too
// short to compare are not.
//
// Seen to fail: each mount looked up in the list of volumes, each key in the list of those
// before it.
func TestParseTakesLinearTime(t *testing.T) {
	const times = 8
	measure := func(document string, times int) (parse, validate time.Duration) {
		parse, validate = time.Hour, time.Hour
		for range 3 {
			definitions := make([]ecs.TaskDefinition, times)
			start := time.Now()
			for i := range definitions {
				definitions[i], _ = ecs.ParseTaskDefinition([]byte(document))
			}
			parsed := time.Now()
			for _, d := range definitions {
				_ = d.Validate()
			}
			parse, validate = min(parse, parsed.Sub(start)), min(validate, time.Since(parsed))
		}
		return parse, validate
	}
	short, long := hostileDocuments(16<<10), hostileDocuments(times*16<<10)
	for _, name := range slices.Sorted(maps.Keys(long)) {
		linear := false
		for range 5 { // once is enough
			p1, v1 := measure(short[name], times)
			p8, v8 := measure(long[name], 1)
			t.Logf("%-20s %d of %6d bytes %10v + %10v, one of %6d bytes %10v + %10v", name, times, len(short[name]), p1, v1, len(long[name]), p8, v8)
			const tooShort = 4 * time.Millisecond
			if linear = (p8 < 4*p1 || p8 < tooShort) && (v8 < 4*v1 || v8 < tooShort); linear {
				break
			}
		}
		require.True(t, linear, name)
	}
	parse, validate := measure(fullDocument(), 1)
	t.Logf("%-20s %6d bytes %10v + %10v", "a full definition", len(fullDocument()), parse, validate)
	require.Less(t, parse+validate, 50*time.Millisecond)
}

// A name as long as the document stands in the faults of its container in part only.
func TestFaultsStayShort(t *testing.T) {
	d, err := ecs.ParseTaskDefinition([]byte(hostileDocuments(128 << 10)["a name in each fault"]))
	require.Error(t, err)
	n := 0
	for e := range ecs.Errors(d.Validate()) {
		n++
		require.Less(t, len(e.Message), 2048)
	}
	require.Equal(t, 1000, n)
}

// fullDocument is a definition of ten containers that fills 64 KiB and passes.
func fullDocument() string {
	var b strings.Builder
	b.WriteString(`{"family": "web", "containerDefinitions": [`)
	for i := range 10 {
		fmt.Fprintf(&b, `{"name": "c%d", "image": "nginx", "memory": 128, "environment": [`, i)
		for j := 0; b.Len() < (64<<10)/10*(i+1)-150; j++ {
			fmt.Fprintf(&b, `{"name": "VARIABLE_%d", "value": "value number %d"}, `, j, j)
		}
		b.WriteString(`{"name": "LAST", "value": ""}]}, `)
	}
	return strings.TrimSuffix(b.String(), ", ") + "]}"
}

func TestParseFullDocument(t *testing.T) {
	d, err := ecs.ParseTaskDefinition([]byte(fullDocument()))
	require.NoError(t, err)
	require.NoError(t, d.Validate())
	require.LessOrEqual(t, len(fullDocument()), ecs.MaxTaskDefinitionSize)
}

// largest returns the largest real task definition that passes, or a made-up one without the
// corpus.
func largest(t testing.TB, passes func(data []byte) bool) []byte {
	var data []byte
	files, _ := filepath.Glob(corpus + "/*.json")
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		if len(content) > len(data) && passes(content) {
			data = content
		}
	}
	if data == nil {
		var b strings.Builder
		b.WriteString(`{"family": "web", "containerDefinitions": [`)
		for i := range 10 {
			fmt.Fprintf(&b, `{"name": "c%d", "image": "nginx", "memory": 128, "portMappings": [{"containerPort": %d}], "environment": [{"name": "A", "value": "B"}]},`, i, 8000+i)
		}
		data = []byte(strings.TrimSuffix(b.String(), ",") + "]}")
	}
	return data
}

func FuzzParseTaskDefinition(f *testing.F) {
	f.Add([]byte(`{"family": "web", "containerDefinitions": [{"name": "web", "image": "nginx", "memory": 128}]}`))
	f.Add([]byte(`{"cpu": "1 vCPU", "x": {"y": [null, 1e9]}, "containerDefinitions": [{"cpu": "1", "essential": null, "dependsOn": [{"containerName": ""}]}]}`))
	f.Add([]byte(`{"a": 1, "a": 2, "A": 3}`))
	f.Add([]byte("\xef\xbb\xbf{}"))
	f.Add([]byte(`[[[`))
	hostile := hostileDocuments(512)
	for _, name := range slices.Sorted(maps.Keys(hostile)) {
		f.Add([]byte(hostile[name]))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := ecs.ParseTaskDefinition(data)
		broken := false
		for e := range ecs.Errors(err) {
			broken = broken || strings.HasPrefix(e.Message, "line ")
		}
		require.Equal(t, !json.Valid(data), broken, "encoding/json thinks otherwise: %v", err)
		for range ecs.Errors(d.Validate()) {
		}
		n := d.Normalize()
		require.Equal(t, n, n.Normalize())
		if broken {
			return
		}
		out, err := json.Marshal(d)
		require.NoError(t, err)
		again, _ := ecs.ParseTaskDefinition(out)
		second, err := json.Marshal(again)
		require.NoError(t, err)
		require.Equal(t, string(out), string(second))
	})
}
