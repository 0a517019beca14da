package ecs_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/ecstest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Facts 1.3 and 3.3.
func TestRegistry(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	r := ecs.NewRegistry(ecs.RegistryConfig{Region: "eu-west-1"})
	d := ecs.TaskDefinition{Family: "web", CPU: "1 vCPU", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "nginx", Memory: 128}}, Revision: 77, Status: "INACTIVE"}
	first, err := r.Register(now, d)
	require.NoError(t, err)
	require.Equal(t, "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1", first.TaskDefinitionArn)
	require.Equal(t, []any{1, ecs.TaskDefinitionStatusActive, "1024", ecs.At(now)}, []any{first.Revision, first.Status, first.CPU, first.RegisteredAt})
	require.Equal(t, []ecs.Compatibility{"EC2", "EXTERNAL"}, first.Compatibilities)
	_, err = r.Register(now, d)
	require.NoError(t, err)

	for ref, revision := range map[string]int{"web": 2, "web:1": 1, first.TaskDefinitionArn: 1} { //order:any each alone
		got, err := r.Resolve(ref)
		require.NoError(t, err)
		require.Equal(t, revision, got.Revision, ref)
	}
	for ref, code := range map[string]ecs.Code{ //order:any each alone
		"nope": ecs.ClientException, "web:9": ecs.ClientException, "web:x": ecs.InvalidParameterException, "web:0": ecs.InvalidParameterException,
		"arn:aws:ecs:us-east-1:123456789012:task-definition/web:1": ecs.ClientException,
		"arn:aws:ecs:eu-west-1:123456789012:cluster/web":           ecs.InvalidParameterException,
	} {
		_, err := r.Resolve(ref)
		require.ErrorIs(t, err, code, ref)
	}
	_, err = r.Deregister(now, "web")
	require.EqualError(t, err, "ClientException: taskDefinition: Revision is missing.")
	_, err = r.Delete(now, "web:2")
	require.ErrorIs(t, err, ecs.ClientException, "only INACTIVE ones")
	gone, err := r.Deregister(now.Add(time.Hour), "web:2")
	require.NoError(t, err)
	require.Equal(t, ecs.At(now.Add(time.Hour)), gone.DeregisteredAt)

	latest, err := r.Resolve("web")
	require.NoError(t, err)
	require.Equal(t, 1, latest.Revision, "the latest ACTIVE one, not the highest number")
	_, err = r.ResolveForUse("web:2")
	require.EqualError(t, err, "InvalidParameterException: taskDefinition: TaskDefinition is inactive")
	_, err = r.Resolve("web:2")
	require.NoError(t, err)
	require.ErrorIs(t, r.Remove("web:2"), ecs.ClientException)
	_, err = r.Delete(now, "web:2")
	require.NoError(t, err)
	require.NoError(t, r.Remove("web:2"))
	_, err = r.Resolve("web:2")
	require.ErrorIs(t, err, ecs.ClientException)

	third, err := r.Register(now, d)
	require.NoError(t, err)
	require.Equal(t, 3, third.Revision, "numbers are not used again")
	require.Len(t, r.Revisions("web"), 2)
	require.Equal(t, []string{"web"}, r.Families("w", ecs.TaskDefinitionFamilyStatusActive))
	require.Empty(t, r.Families("x", ""))

	before, err := json.Marshal(r)
	require.NoError(t, err)
	_, err = r.Register(now, ecs.TaskDefinition{Family: "broken"})
	require.Error(t, err)
	after, err := json.Marshal(r)
	require.NoError(t, err)
	require.Equal(t, string(before), string(after), "a refused call changes nothing")
}

func TestRegistryState(t *testing.T) {
	var r ecs.Registry
	for _, state := range []string{`7`, `{"families":[{"name":"b"},{"name":"a"}]}`, `{"families":[{"name":"a","last":1,"revisions":[{"family":"a","revision":2}]}]}`} {
		require.Error(t, json.Unmarshal([]byte(state), &r), state)
	}
	got, err := r.Register(time.Unix(1, 0), ecs.TaskDefinition{Family: "web", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "nginx", Memory: 4}}})
	require.NoError(t, err, "the zero value is ready")
	require.Equal(t, 1, got.Revision)
	used, err := r.ResolveForUse("web")
	require.NoError(t, err)
	require.Equal(t, got, used)
	_, err = r.ResolveForUse("nope")
	require.ErrorIs(t, err, ecs.ClientException)
}

// Against a list of everything that ever happened.
//
// Seen to fail: the next revision counted from those that are left.
func TestRegistryModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := ecs.NewRegistry(ecs.RegistryConfig{})
		type revision struct {
			family string
			number int
			status ecs.TaskDefinitionStatus // "" is removed
		}
		var log []revision
		now := time.Unix(1e9, 0)
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			name := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "family")
			number := rapid.IntRange(1, 4).Draw(t, "revision")
			ref := fmt.Sprintf("%s:%d", name, number)
			at := -1
			last := 0
			for i, l := range log {
				if l.family == name {
					last = l.number
				}
				if l.family == name && l.number == number && l.status != "" {
					at = i
				}
			}
			switch rapid.IntRange(0, 3).Draw(t, "call") {
			case 0:
				d := ecstest.TaskDefinitionsOf(ecstest.KindBridge).Draw(t, "task definition")
				d.Family = name
				got, err := r.Register(now, d)
				require.NoError(t, err)
				require.Equal(t, last+1, got.Revision)
				log = append(log, revision{name, got.Revision, ecs.TaskDefinitionStatusActive})
			case 1:
				_, err := r.Deregister(now, ref)
				require.Equal(t, at >= 0, err == nil)
				if at >= 0 && log[at].status == ecs.TaskDefinitionStatusActive {
					log[at].status = ecs.TaskDefinitionStatusInactive
				}
			case 2:
				_, err := r.Delete(now, ref)
				ok := at >= 0 && log[at].status != ecs.TaskDefinitionStatusActive
				require.Equal(t, ok, err == nil)
				if ok {
					log[at].status = ecs.TaskDefinitionStatusDeleteInProgress
				}
			case 3:
				ok := at >= 0 && log[at].status == ecs.TaskDefinitionStatusDeleteInProgress
				require.Equal(t, ok, r.Remove(ref) == nil)
				if ok {
					log[at].status = ""
				}
			}
			latest := 0
			for _, l := range log {
				if l.family == name && l.status == ecs.TaskDefinitionStatusActive {
					latest = l.number
				}
			}
			got, err := r.Resolve(name)
			require.Equal(t, latest > 0, err == nil)
			require.Equal(t, latest, got.Revision)
		}
		data, err := json.Marshal(r)
		require.NoError(t, err)
		var again ecs.Registry
		require.NoError(t, json.Unmarshal(data, &again))
		second, err := json.Marshal(&again)
		require.NoError(t, err)
		require.Equal(t, string(data), string(second))
		require.Equal(t, r.Families("", ""), again.Families("", ""))
	})
}
