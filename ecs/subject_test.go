package ecs_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/ecstest"
	"github.com/bayplan/bayplan/ecs/query"
)

// An instance and the cluster query language, without a cluster around them.
func ExampleContainerInstance_Subject() {
	ci := ecs.NewContainerInstance("0123456789abcdef0123456789abcdef", "us-east-1a",
		ecs.Resources{CPU: 2048, Memory: 7680})
	for _, text := range []string{"attribute:ecs.availability-zone == us-east-1a", "task:group == service:web",
		"runningTasksCount > 1"} {
		e, err := query.Parse(text)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(text, "→", e.Match(ci.Subject("service:web")))
	}
	// Output:
	// attribute:ecs.availability-zone == us-east-1a → true
	// task:group == service:web → true
	// runningTasksCount > 1 → false
}

// Seen to fail: the last group left out; RunningTasksCount ignored; an absent version read as "".
func TestSubject(t *testing.T) {
	full := ecs.NewContainerInstance("i1", "a", ecs.Resources{CPU: 1, Memory: 1})
	full.EC2InstanceID, full.VersionInfo = "i-0", &ecs.VersionInfo{AgentVersion: "1.50.0"}
	full.RegisteredAt, full.RunningTasksCount = ecs.At(time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)), 3
	full.Attributes = append(full.Attributes, ecs.Attribute{Name: "stack"})
	for _, c := range []struct {
		text       string
		full, bare bool
	}{
		{"agentConnected == true", true, false},
		{"agentVersion >= 1.50.0", true, false},
		{"agentVersion < 1.50.0", false, false},
		{"ec2InstanceId == i-0", true, false},
		{"attribute:stack !exists", false, true},
		{"attribute:stack exists", true, false},
		{"attribute:ecs.availability-zone in [a, b]", true, false},
		{"registeredAt >= 2026-01-01", true, false},
		{"registeredAt > 2026-01-02", false, false},
		{"task:group == service:web", true, false},
		{"task:group == family:batch", true, false},
		{"task:group == service:api", false, false},
		{"runningTasksCount == 3", true, false},
		{"runningTasksCount == 0", false, true},
	} {
		e, err := query.Parse(c.text)
		require.NoError(t, err, c.text)
		require.Equal(t, c.full, e.Match(full.Subject("service:web", "family:batch")), c.text)
		require.Equal(t, c.bare, e.Match(ecs.ContainerInstance{}.Subject()), c.text)
	}
	_, known := ecs.ContainerInstance{VersionInfo: &ecs.VersionInfo{}}.Subject().Lookup("agentVersion")
	require.False(t, known)
	require.Equal(t, 4, full.Subject("a", "b", "c", "d").TasksRunning())
}

// What ToRegister writes Registered reads, but for ENI; and it takes no memory by the size of a
// number.
//
// Seen to fail: GPU written as an integer; amounts above MaxInt32 turned negative.
func TestToRegister(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := ecs.Resources{CPU: rapid.Int64Range(0, 1<<31-1).Draw(t, "cpu"),
			Memory: rapid.Int64Range(0, 1<<31-1).Draw(t, "memory"),
			GPU:    rapid.Int64Range(0, 16).Draw(t, "gpu"), ENI: rapid.Int64Range(0, 9).Draw(t, "eni")}
		got := ecs.NewContainerInstance("i1", "", r).Registered()
		r.ENI = 0
		require.Equal(t, r, got)
	})
	huge := ecs.Resources{CPU: 1 << 62, Memory: -1, GPU: 1 << 62}
	require.Equal(t, ecs.Resources{CPU: 1<<31 - 1, GPU: 1024}, ecs.NewContainerInstance("i1", "", huge).Registered())
	rapid.Check(t, func(t *rapid.T) { // an instance of any size is made again from its amounts
		ci := ecstest.ContainerInstances().Draw(t, "instance")
		require.Equal(t, ci.Registered(),
			ecs.ContainerInstance{RegisteredResources: ci.Registered().ToRegister()}.Registered())
	})
}
