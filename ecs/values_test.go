package ecs_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestInstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		i := ecs.Instant(rapid.Int64Range(-9e18, 9e18).Draw(t, "instant"))
		data, err := json.Marshal(i)
		require.NoError(t, err)
		var again ecs.Instant
		require.NoError(t, json.Unmarshal(data, &again))
		require.Equal(t, i, again, "%s", data)
		require.Equal(t, i, ecs.At(i.Time()))
		text, err := json.Marshal(i.Time())
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &again))
		require.Equal(t, i, again, "%s", text)
	})
	require.Zero(t, ecs.At(time.Time{}))
	require.Equal(t, "-", ecs.Instant(0).String())
	a := ecs.At(time.Date(2026, 3, 1, 0, 0, 0, 0, time.FixedZone("x", 3600)))
	require.Equal(t, "2026-02-28T23:00:00Z", a.String())
	require.Equal(t, time.Minute, a.Add(time.Minute).Sub(a))
	for _, bad := range []string{`"soon"`, `true`, `1e99`, `{}`} {
		require.Error(t, json.Unmarshal([]byte(bad), &a), bad)
	}
}

func TestOpt(t *testing.T) {
	type s struct {
		A ecs.Opt[int] `json:"a,omitzero"`
	}
	for text, want := range map[string]s{`{}`: {}, `{"a":null}`: {}, `{"a":0}`: {ecs.Some(0)},
		`{"a":7}`: {ecs.Some(7)}} { //order:any each alone
		var got s
		require.NoError(t, json.Unmarshal([]byte(text), &got))
		require.Equal(t, want, got)
	}
	data, err := json.Marshal([]s{{}, {ecs.Some(0)}})
	require.NoError(t, err)
	require.JSONEq(t, `[{},{"a":0}]`, string(data))
	require.Equal(t, 5, ecs.Opt[int]{}.Or(5))
}

func TestErrorList(t *testing.T) {
	cause := errors.New("cause")
	list := ecs.ErrorList{
		ecs.Fault(ecs.ClientException, "c[10].name", "x"),
		ecs.Fault(ecs.ClientException, "c[2].name", "x"),
		ecs.Fault(ecs.ClientException, "c[2].name", "x"),
		{Code: ecs.InvalidParameterException, Field: "a", Message: "y", Err: cause},
	}
	err := fmt.Errorf("wrapped: %w", list.Err())
	require.Equal(t, []string{"InvalidParameterException a", "ClientException c[2].name", "ClientException c[10].name"},
		named(err))
	require.ErrorIs(t, err, ecs.ClientException)
	require.ErrorIs(t, err, cause)
	require.NotErrorIs(t, err, ecs.ServerException)
	var e *ecs.Error
	require.ErrorAs(t, err, &e)
	require.NoError(t, ecs.ErrorList{}.Err())
	n := 0
	for range ecs.Errors(err) {
		n++
		break
	}
	require.Equal(t, 1, n)
}

// Facts 1.5, 1.11 and 1.12 row 7; on placement 1.3, "How a task's demand is computed".
func TestRequirements(t *testing.T) {
	d := ecs.TaskDefinition{ContainerDefinitions: []ecs.ContainerDefinition{
		{CPU: 100, Memory: 300, MemoryReservation: 200,
			PortMappings: []ecs.PortMapping{{ContainerPort: 80, HostPort: ecs.Some(80)}, {ContainerPort: 81}}},
		{CPU: 50, Memory: 100,
			PortMappings:         []ecs.PortMapping{{ContainerPort: 53, HostPort: ecs.Some(53), Protocol: "udp"}},
			ResourceRequirements: []ecs.ResourceRequirement{{Type: ecs.ResourceTypeGpu, Value: "2"}}},
	}}
	require.Equal(t, ecs.Resources{CPU: 150, Memory: 300, GPU: 2}, d.Requirements())
	require.Equal(t, []ecs.HostPort{{Port: 80, Protocol: "tcp"}, {Port: 53, Protocol: "udp"}}, d.StaticHostPorts())
	d.CPU, d.Memory, d.NetworkMode = "1 vCPU", "2 GB", ecs.NetworkModeAwsvpc
	require.Equal(t, ecs.Resources{CPU: 1024, Memory: 2048, GPU: 2, ENI: 1}, d.Requirements())
	require.Empty(t, d.StaticHostPorts())
	d.NetworkMode = ecs.NetworkModeHost
	require.Len(t, d.StaticHostPorts(), 3, "under host every port is static")
	r := ecs.Resources{CPU: 1, Memory: 2, GPU: 3, ENI: 4}
	require.Equal(t, r, r.Plus(r).Minus(r))
}

func TestContainerInstance(t *testing.T) {
	ci := ecs.ContainerInstance{
		ContainerInstanceArn: "arn:aws:ecs:us-east-1:123456789012:container-instance/prod/" + instanceID,
		RegisteredResources: []ecs.Resource{
			{Name: "CPU", Type: "INTEGER", IntegerValue: 1024}, {Name: "MEMORY", Type: "LONG", LongValue: 2048},
			{Name: "GPU", Type: "STRINGSET", StringSetValue: []string{"a", "b"}}, {Name: "PORTS", Type: "STRINGSET",
				StringSetValue: []string{"22", "x"}},
		},
		Attributes: []ecs.Attribute{{Name: "a", Value: "1"}, {Name: "a", Value: "2"}},
	}
	require.Equal(t, ecs.InstanceID(instanceID), ci.ID())
	require.Equal(t, ecs.Resources{CPU: 1024, Memory: 2048, GPU: 2}, ci.Remaining())
	require.Equal(t, []ecs.HostPort{{Port: 22, Protocol: "tcp"}}, ci.PortsInUse())
	value, ok := ci.Attribute("a")
	require.True(t, ok)
	require.Equal(t, "2", value)
	_, ok = ci.Attribute("b")
	require.False(t, ok)
	require.Equal(t, ecs.TaskID("t"), ecs.Task{TaskArn: "arn:aws:ecs:r:1:task/c/t"}.ID())
}

// Of a thousand faults no more are named.
func TestManyFaults(t *testing.T) {
	d := ecs.TaskDefinition{Family: "web", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web",
		Image: "nginx", Memory: 4}}}
	for range 3000 {
		d.Tags = append(d.Tags, ecs.Tag{Key: "aws:"})
	}
	require.LessOrEqual(t, len(named(d.Validate())), 1000)
}
