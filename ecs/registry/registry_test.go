package registry_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/ecstest"
	"github.com/bayplan/bayplan/ecs/registry"
)

// Facts 1.3 and 3.3.
func TestRegistry(t *testing.T) {
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	r := registry.New(registry.Config{Region: "eu-west-1"})
	d := ecs.TaskDefinition{Family: "web", CPU: "1 vCPU", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web",
		Image: "nginx", Memory: 128}}, Revision: 77, Status: "INACTIVE"}
	first, err := r.Register(now, d)
	require.NoError(t, err)
	require.Equal(t, "arn:aws:ecs:eu-west-1:123456789012:task-definition/web:1", first.TaskDefinitionArn)
	require.Equal(t, []any{1, ecs.TaskDefinitionStatusActive, "1024", ecs.At(now)}, []any{first.Revision, first.Status,
		first.CPU, first.RegisteredAt})
	require.Equal(t, []ecs.Compatibility{"EC2", "EXTERNAL"}, first.Compatibilities)
	_, err = r.Register(now, d)
	require.NoError(t, err)

	for ref, revision := range map[string]int{"web": 2, "web:1": 1, first.TaskDefinitionArn: 1} { //order:any each alone
		got, err := r.Resolve(ref)
		require.NoError(t, err)
		require.Equal(t, revision, got.Revision, ref)
	}
	for ref, code := range map[string]ecs.Code{ //order:any each alone
		"nope": ecs.ClientException, "web:9": ecs.ClientException, "web:x": ecs.InvalidParameterException,
		"web:0": ecs.InvalidParameterException,
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
	var r registry.Registry
	for _, state := range []string{`7`, `{"families":[{"name":"b"},{"name":"a"}]}`,
		`{"families":[{"name":"a","last":1,"revisions":[{"family":"a","revision":2}]}]}`} {
		require.Error(t, json.Unmarshal([]byte(state), &r), state)
	}
	got, err := r.Register(time.Unix(1, 0), ecs.TaskDefinition{Family: "web",
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "nginx", Memory: 4}}})
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
		r := registry.New(registry.Config{})
		type revision struct {
			family string
			number int
			status ecs.TaskDefinitionStatus // "" is removed
		}
		var log []revision
		now := time.Unix(1e9, 0)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			name := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "family")
			number := rapid.IntRange(1, 3).Draw(t, "revision")
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
		var again registry.Registry
		require.NoError(t, json.Unmarshal(data, &again))
		second, err := json.Marshal(&again)
		require.NoError(t, err)
		require.Equal(t, string(data), string(second))
		require.Equal(t, r.Families("", ""), again.Families("", ""))
	})
}

// A call that is refused leaves every byte of the state as it was.
//
// Seen to fail: a number given out before the definition is validated; a family made before the quota is asked;
// Deregister of a revision that is DELETE_IN_PROGRESS.
func TestRefusedCallsChangeNothing(t *testing.T) {
	now := time.Unix(1e9, 0)
	good := ecs.TaskDefinition{Family: "web", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web",
		Image: "nginx", Memory: 4}}}
	bad, other := good, good
	bad.CPU = "x"
	other.Family, other.Memory = "new", "-1"
	var full registry.Registry
	require.NoError(t, json.Unmarshal([]byte(`{"config":{},"families":[{"name":"web","last":1000000,"revisions":[]}]}`),
		&full))
	_, err := full.Register(now, good)
	require.EqualError(t, err,
		"LimitExceededException: family: Family web has 1000000 revisions, the most there can be.")

	r := registry.New(registry.Config{})
	for range 3 {
		_, err := r.Register(now, good)
		require.NoError(t, err)
	}
	_, err = r.Deregister(now, "web:2")
	require.NoError(t, err)
	_, err = r.Deregister(now, "web:3")
	require.NoError(t, err)
	_, err = r.Delete(now, "web:3")
	require.NoError(t, err)
	for _, c := range []struct {
		name string
		want string
		call func() error
	}{
		{"register what breaks a rule", "", func() error { _, err := r.Register(now, bad); return err }},
		{"register it in a new family", "", func() error { _, err := r.Register(now, other); return err }},
		{"deregister a family", "ClientException: taskDefinition: Revision is missing.", func() error {
			_, err := r.Deregister(now, "web")
			return err
		}},
		{"deregister what is not there", "ClientException: taskDefinition: Unable to describe task definition.",
			func() error { _, err := r.Deregister(now, "web:4"); return err }},
		{"delete an ACTIVE revision",
			"ClientException: taskDefinition: The specified task definition is still in ACTIVE status. Please " +
				"deregister the target and try again.",
			func() error { _, err := r.Delete(now, "web:1"); return err }},
		{"delete what is not there",
			"ClientException: taskDefinition: The specified task definition does not exist. Specify a valid account, " +
				"family, revision and try again.",
			func() error { _, err := r.Delete(now, "web:4"); return err }},
		{"delete a family", "ClientException: taskDefinition: Revision is missing.", func() error {
			_, err := r.Delete(now, "web")
			return err
		}},
		{"delete revision x", "InvalidParameterException: taskDefinition: Invalid revision number. Number: x",
			func() error { _, err := r.Delete(now, "web:x"); return err }},
		{"remove an ACTIVE revision",
			"ClientException: taskDefinition: arn:aws:ecs:us-east-1:123456789012:task-definition/web:1 is " +
				"ACTIVE, not " +
				"DELETE_IN_PROGRESS.",
			func() error { return r.Remove("web:1") }},
		{"remove an INACTIVE revision",
			"ClientException: taskDefinition: arn:aws:ecs:us-east-1:123456789012:task-definition/web:2 is INACTIVE, " +
				"not DELETE_IN_PROGRESS.",
			func() error { return r.Remove("web:2") }},
		{"remove what is not there", "ClientException: taskDefinition: Unable to describe task definition.",
			func() error { return r.Remove("web:4") }},
		{"remove a family", "ClientException: taskDefinition: Revision is missing.", func() error {
			return r.Remove("web")
		}},
		{"tag what is not there", "ClientException: taskDefinition: Unable to describe task definition.",
			func() error { return r.SetTags("web:4", nil) }},
	} {
		before, err := json.Marshal(r)
		require.NoError(t, err)
		err = c.call()
		require.Error(t, err, c.name)
		if c.want != "" {
			require.EqualError(t, err, c.want, c.name)
		}
		after, err := json.Marshal(r)
		require.NoError(t, err)
		require.Equal(t, string(before), string(after), c.name)
	}
}

// What is done twice is done once: the first time stands.
//
// Seen to fail: Deregister that takes the later time.
func TestRepeatedCallsChangeNothing(t *testing.T) {
	first := time.Unix(1e9, 0)
	r := registry.New(registry.Config{})
	_, err := r.Register(first, ecs.TaskDefinition{Family: "web",
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "nginx", Memory: 4}}})
	require.NoError(t, err)
	for _, call := range []func(time.Time) (ecs.TaskDefinition, error){
		func(now time.Time) (ecs.TaskDefinition, error) { return r.Deregister(now, "web:1") },
		func(now time.Time) (ecs.TaskDefinition, error) { return r.Delete(now, "web:1") },
		func(now time.Time) (ecs.TaskDefinition, error) { return r.Deregister(now, "web:1") },
	} {
		once, err := call(first.Add(time.Minute))
		require.NoError(t, err)
		again, err := call(first.Add(time.Hour))
		require.NoError(t, err)
		require.Equal(t, once, again)
		require.Equal(t, ecs.At(first.Add(time.Minute)), again.DeregisteredAt)
	}
	require.NoError(t, r.SetTags("web:1", []ecs.Tag{{Key: "a", Value: "b"}}))
	got, err := r.Resolve("web:1")
	require.NoError(t, err)
	require.Equal(t, []ecs.Tag{{Key: "a", Value: "b"}}, got.Tags)
	require.Equal(t, ecs.TaskDefinitionStatusDeleteInProgress, got.Status)
}

// A family is ACTIVE with an ACTIVE revision, INACTIVE with revisions of which none is, and not listed without any.
// Source: Amazon ECS API Reference, ListTaskDefinitionFamilies.
//
// Seen to fail: INACTIVE for a family whose last revision is removed.
func TestFamilies(t *testing.T) {
	now := time.Unix(1e9, 0)
	r := registry.New(registry.Config{})
	for _, family := range []string{"b", "ab", "a", "gone"} {
		_, err := r.Register(now, ecs.TaskDefinition{Family: family,
			ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "nginx", Memory: 4}}})
		require.NoError(t, err)
	}
	for _, ref := range []string{"ab:1", "gone:1"} {
		_, err := r.Deregister(now, ref)
		require.NoError(t, err)
	}
	_, err := r.Delete(now, "gone:1")
	require.NoError(t, err)
	require.NoError(t, r.Remove("gone:1"))
	for _, c := range []struct {
		prefix string
		status ecs.TaskDefinitionFamilyStatus
		want   []string
	}{
		{"", "", []string{"a", "ab", "b"}}, {"", "ALL", []string{"a", "ab", "b"}}, {"", "ACTIVE", []string{"a", "b"}},
		{"", "INACTIVE", []string{"ab"}},
		{"a", "ALL", []string{"a", "ab"}}, {"a", "ACTIVE", []string{"a"}}, {"ab", "ACTIVE", nil}, {"c", "ALL", nil},
	} {
		require.Equal(t, c.want, r.Families(c.prefix, c.status), "%+v", c)
	}
	require.Nil(t, r.Revisions("nope"))
	require.Empty(t, r.Revisions("gone"))
}
