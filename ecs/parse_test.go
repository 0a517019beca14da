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

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/steps"
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
	require.False(t, json.Valid(hostile))
	_, err := ecs.ParseTaskDefinition(hostile)
	require.ErrorIs(t, err, ecs.ClientException, "refused by its size, and not read")

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

	long := fmt.Sprintf(
		`{"family": "web", "containerDefinitions": [{"name": "a", "image": "b", "memory": 4, "command": [%q]}]}`,
		strings.Repeat("x", 64<<10))
	d, err := ecs.ParseTaskDefinition([]byte(long))
	require.Equal(t, []string{"ClientException "}, named(err))
	require.Equal(t, "web", d.Family)

	spacious := strings.Replace(
		`{"family": "web", "containerDefinitions": [ {"name": "a", "image": "b", "memory": 4}]}`, " ",
		strings.Repeat(" ", 70000), 1)
	_, err = ecs.ParseTaskDefinition([]byte(spacious))
	require.NoError(t, err, "white space does not count")
}

// A name as long as the document stands in the faults of its container in part only.
func TestFaultsStayShort(t *testing.T) {
	d, err := ecs.ParseTaskDefinition([]byte(steps.Documents(128 << 10)["a name in each fault"]))
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
			fmt.Fprintf(&b,
				`{"name": "c%d", "image": "nginx", "memory": 128, "portMappings": [{"containerPort": %d}], "environment": [{"name": "A", "value": "B"}]},`, i, 8000+i)
		}
		data = []byte(strings.TrimSuffix(b.String(), ",") + "]}")
	}
	return data
}

func FuzzParseTaskDefinition(f *testing.F) {
	f.Add([]byte(`{"family": "web", "containerDefinitions": [{"name": "web", "image": "nginx", "memory": 128}]}`))
	f.Add(
		[]byte(
			`{"cpu": "1 vCPU", "x": {"y": [null, 1e9]}, "containerDefinitions": [{"cpu": "1", "essential": null, "dependsOn": [{"containerName": ""}]}]}`))
	f.Add([]byte(`{"a": 1, "a": 2, "A": 3}`))
	f.Add([]byte("\xef\xbb\xbf{}"))
	f.Add([]byte(`[[[`))
	hostile := steps.Documents(512)
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
