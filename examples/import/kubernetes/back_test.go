package kubernetes_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/kubernetes"
	"github.com/bayplan/bayplan/examples/import/native"
	"github.com/bayplan/bayplan/examples/import/source"
)

// drawn returns a task definition and a service, as plain values, in which every member may be there or not.
func drawn(t *rapid.T) (d, s map[string]any) {
	maybe := func(m map[string]any, key string, value func() any) {
		if rapid.Bool().Draw(t, key) {
			m[key] = value()
		}
	}
	word := func() any { return rapid.StringMatching(`[a-z]([a-z0-9]|-[a-z]){0,6}`).Draw(t, "word") }
	words := func() any {
		return rapid.SliceOfN(rapid.SampledFrom([]string{"a", "$HOME", "$(A)", "$$", "x y", "--flag=1"}), 1, 3).Draw(t,
			"words")
	}
	truth := func() any { return rapid.Bool().Draw(t, "truth") }
	number := func(lo, hi int) func() any { return func() any { return rapid.IntRange(lo, hi).Draw(t, "number") } }
	bridge := rapid.Bool().Draw(t, "bridge")
	d = map[string]any{"family": word(), "networkMode": map[bool]string{true: "bridge", false: "host"}[bridge]}
	maybe(d, "volumes", func() any {
		return []any{map[string]any{"name": "v", "host": map[string]any{"sourcePath": "/var/x"}},
			map[string]any{"name": "w"}}
	})
	maybe(d, "pidMode", func() any { return rapid.SampledFrom([]string{"host", "task"}).Draw(t, "pid") })
	maybe(d, "placementConstraints", func() any {
		return []any{map[string]any{"type": "memberOf",
			"expression": rapid.SampledFrom([]string{"attribute:ecs.cpu-architecture == arm64",
				"attribute:ecs.cpu-architecture == x86_64", "attribute:tier == web", "attribute:a in [b]"}).Draw(t,
				"expression")}}
	})
	var containers []any
	for i := range rapid.IntRange(1, 3).Draw(t, "containers") {
		c := map[string]any{"name": fmt.Sprintf("c%d", i), "image": "acme/x:1", "memory": number(64, 200)()}
		maybe(c, "essential", truth)
		maybe(c, "memoryReservation", number(6, 64))
		maybe(c, "cpu", number(1, 4096))
		maybe(c, "command", words)
		maybe(c, "entryPoint", words)
		maybe(c, "workingDirectory", func() any { return "/srv" })
		maybe(c, "interactive", truth)
		maybe(c, "pseudoTerminal", truth)
		maybe(c, "privileged", truth)
		maybe(c, "readonlyRootFilesystem", truth)
		maybe(c, "user", func() any {
			return rapid.SampledFrom([]string{"0", "1000", "1000:2000", "www", "01"}).Draw(t,
				"user")
		})
		maybe(c, "stopTimeout", number(2, 100))
		maybe(c, "environment", func() any {
			return []any{map[string]any{"name": "A", "value": "$(B) $$ x"}, map[string]any{"name": "B",
				"value": word()}}
		})
		maybe(c, "portMappings", func() any {
			p := map[string]any{"containerPort": 8000 + i}
			maybe(p, "protocol", func() any { return rapid.SampledFrom([]string{"tcp", "udp"}).Draw(t, "protocol") })
			maybe(p, "name", word)
			if bridge {
				maybe(p, "hostPort", func() any { return rapid.SampledFrom([]int{0, 9000 + i}).Draw(t, "host") })
			}
			return []any{p}
		})
		maybe(c, "healthCheck", func() any {
			h := map[string]any{"command": []any{rapid.SampledFrom([]string{"CMD", "CMD-SHELL"}).Draw(t, "shell"),
				"true"}}
			maybe(h, "interval", number(5, 300))
			maybe(h, "timeout", number(2, 60))
			maybe(h, "retries", number(1, 10))
			maybe(h, "startPeriod", number(0, 300))
			return h
		})
		maybe(c, "linuxParameters", func() any {
			return map[string]any{"capabilities": map[string]any{"add": []any{"NET_ADMIN"}, "drop": []any{"ALL"}},
				"initProcessEnabled": true}
		})
		if d["volumes"] != nil {
			m := map[string]any{"sourceVolume": "v", "containerPath": "/x"}
			maybe(m, "readOnly", truth)
			c["mountPoints"] = []any{m, map[string]any{"sourceVolume": "w", "containerPath": "/y"}}
		}
		containers = append(containers, c)
	}
	if containers[0].(map[string]any)["essential"] == false {
		delete(containers[0].(map[string]any), "essential")
	}
	d["containerDefinitions"] = containers
	s = map[string]any{"serviceName": d["family"], "taskDefinition": d["family"], "desiredCount": number(0, 50)()}
	maybe(s, "deploymentConfiguration", func() any {
		return map[string]any{"minimumHealthyPercent": number(0, 100)(), "maximumPercent": number(100, 300)(),
			"deploymentCircuitBreaker": map[string]any{"enable": true, "rollback": truth()}}
	})
	maybe(s, "placementStrategy", func() any {
		return []any{map[string]any{"type": "spread", "field": rapid.SampledFrom([]string{"instanceId",
			"attribute:ecs.availability-zone"}).Draw(t, "field")}}
	})
	maybe(s, "placementConstraints", func() any { return []any{map[string]any{"type": "distinctInstance"}} })
	return d, s
}

// tree returns plain values as a tree, with the lines of their JSON.
func tree(t require.TestingT, x any) *source.Value {
	data, err := json.MarshalIndent(x, "", " ")
	require.NoError(t, err)
	list, err := source.Parse("d.json", data)
	require.NoError(t, err)
	return list[0]
}

// TestRoundTrip: every field that the report of the way back calls kept is there again, with its value, when what
// was written is read. Each of these was broken once and seen to fail: dollars without escaping, millis rounded
// up, a stop timeout that not all containers have, a port that lost its protocol.
func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d, s := drawn(t)
		definition, service := tree(t, d), tree(t, s)
		before, err := native.Read(definition, document.Given{})
		if err != nil || before.Check() != nil {
			t.Skip("not a task definition")
		}
		definition = tree(t, d)
		text, err := kubernetes.Write([]*source.Value{definition}, []*source.Value{service})
		require.NoError(t, err)
		list, err := source.Parse("k.yml", text)
		require.NoError(t, err, string(text))
		g := document.Given{Network: d["networkMode"].(string)}
		r, err := kubernetes.Read(list, g)
		require.NoError(t, err, string(text))
		require.NoError(t, r.Check(), string(text))
		again, serviceAgain := tree(t, r.TaskDefinitions[0]), tree(t, r.Services[0])
		kept := 0
		for _, x := range []struct{ was, is *source.Value }{{definition, again}, {service, serviceAgain}} {
			for _, f := range x.was.Fields() {
				if f.Fate != source.Kept {
					continue
				}
				kept++
				at := x.is.Find(f.Path)
				require.Equal(t, f.Path, at.Path(), "%s is kept, and is gone; %s", f.Path, text)
				require.Equal(t, fmt.Sprint(x.was.Find(f.Path).Plain()), fmt.Sprint(at.Plain()), "%s; %s", f.Path, text)
			}
		}
		require.Greater(t, kept, 4)
	})
}

func TestWrite(t *testing.T) {
	d := tree(t, map[string]any{"family": "Shop_Web", "cpu": "256", "memory": "512",
		"taskRoleArn": "arn:aws:iam::123456789012:role/x", "colour": 1,
		"containerDefinitions": []any{map[string]any{"name": "web", "image": "nginx",
			"portMappings":     []any{map[string]any{"containerPort": 80}},
			"logConfiguration": map[string]any{"logDriver": "awslogs"}}}})
	s := tree(t, map[string]any{"serviceName": "web", "taskDefinition": "Shop_Web:3", "desiredCount": 3,
		"loadBalancers": []any{map[string]any{"targetGroupArn": "x", "containerName": "web", "containerPort": 80}}})
	text, err := kubernetes.Write([]*source.Value{d}, []*source.Value{s})
	require.NoError(t, err)
	require.Contains(t, string(text), "name: shop-web")
	require.Contains(t, string(text), "type: LoadBalancer")
	require.Contains(t, string(text), "memory: 512Mi")
	fates := map[string]source.Fate{}
	for _, f := range append(d.Fields(), s.Fields()...) {
		fates[f.Path] = f.Fate
	}
	for path, want := range map[string]source.Fate{"family": source.Approximated, "colour": source.Lost,
		"taskRoleArn": source.Needs,
		"containerDefinitions[0].logConfiguration.logDriver": source.Lost, "desiredCount": source.Kept} {
		require.Equal(t, want, fates[path], path)
	}
	_, err = kubernetes.Write(nil, []*source.Value{tree(t, map[string]any{"serviceName": "x",
		"taskDefinition": "gone"})})
	require.ErrorContains(t, err, `d.json:3: taskDefinition: the task definition "gone" is not among the files`)
}
