package ecs_test

import (
	"bytes"
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/stretchr/testify/require"
)

// What the command line prints decodes without an unknown key, and encodes to the same but
// for zero values and for the form of times, which becomes seconds since 1970.
func TestDescribed(t *testing.T) {
	for name, v := range map[string]any{ //order:any each alone
		"tasks":               &api.DescribeTasksOutput{},
		"container-instances": &api.DescribeContainerInstancesOutput{},
		"services":            &api.DescribeServicesOutput{},
		"clusters":            &api.DescribeClustersOutput{},
		"task-definition":     &api.DescribeTaskDefinitionOutput{},
	} {
		data, err := os.ReadFile("testdata/describe/" + name + ".json")
		require.NoError(t, err)
		dec := json.NewDecoder(bytes.NewReader(data))
		dec.DisallowUnknownFields()
		require.NoError(t, dec.Decode(v), name)
		require.Equal(t, timeless(significant(tree(data))), timeless(significant(treeOf(v))), name)
	}
}

// timeless writes times as seconds and drops empty lists.
func timeless(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key, child := range v { //order:any each key alone
			if list, ok := child.([]any); ok && len(list) == 0 {
				delete(v, key)
				continue
			}
			v[key] = timeless(child)
		}
	case []any:
		for i := range v {
			v[i] = timeless(v[i])
		}
	case string:
		if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
			seconds, _ := json.Marshal(ecs.At(at))
			return string(seconds)
		}
	}
	return v
}

func TestDescribedInstance(t *testing.T) {
	data, err := os.ReadFile("testdata/describe/container-instances.json")
	require.NoError(t, err)
	var out api.DescribeContainerInstancesOutput
	require.NoError(t, json.Unmarshal(data, &out))
	ci := out.ContainerInstances[0]
	require.Equal(t, ecs.Resources{CPU: 1792, Memory: 3255}, ci.Remaining())
	require.Equal(t, ecs.Resources{CPU: 2048, Memory: 3767}, ci.Registered())
	require.Contains(t, ci.PortsInUse(), ecs.HostPort{Port: 80, Protocol: ecs.TransportProtocolTcp})
	require.Equal(t, time.Date(2026, 2, 3, 10, 11, 12, 0, time.UTC), ci.RegisteredAt.Time())
}
