package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// TestTaskGroup sees containers share the cpu and the memory of their task, in its control group, and one end because
// another one and it took more. It needs an engine whose control groups this test may make.
//
// Seen to fail: a group without its limits; containers beside it; one that stays when the task is removed.
func TestTaskGroup(t *testing.T) {
	needEngine(t)
	const root = "/sys/fs/cgroup"
	p := newPlace(t, func(c *Config) { c.ControlGroups = root })
	if err := p.runtime.noGroups(); err != nil {
		t.Skip("tasks have no control groups here: ", err)
	}
	id := ecs.TaskID("group-" + string(p.config.Instance))
	of := func(hierarchy, file string) string {
		data, err := os.ReadFile(filepath.Join(root, hierarchy, groupName(id), file))
		require.NoError(t, err)
		return strings.TrimSpace(string(data))
	}
	c := p.start(id, func(c *message.StartTask) { c.TaskDefinition.CPU, c.TaskDefinition.Memory = "512", "64" },
		does("eats", words("eat"), func(d *ecs.ContainerDefinition) {
			d.Memory, d.Essential = 0, ecs.Some(false)
			d.DependsOn = []ecs.ContainerDependency{{ContainerName: "sleeps", Condition: ecs.ContainerConditionStart}}
		}), does("sleeps", words("sleep"), func(d *ecs.ContainerDefinition) { d.CPU = 100 }))
	p.reaches(id, ecs.TaskStatusRunning)
	require.Equal(t, "50000", of("cpu", "cpu.cfs_quota_us"))
	require.Equal(t, "100000", of("cpu", "cpu.cfs_period_us"))
	require.Equal(t, fmt.Sprint(64*mebibyte), of("memory", "memory.limit_in_bytes"))
	found, err := p.runtime.look(context.Background(), containerName(&c, 1))
	require.NoError(t, err)
	require.Equal(t, "100", of("cpu", filepath.Join(found.ID, "cpu.shares")))
	require.Equal(t, fmt.Sprint(16*mebibyte), of("memory", filepath.Join(found.ID, "memory.limit_in_bytes")))
	cgroup, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", found.State.Pid))
	require.NoError(t, err)
	require.Contains(t, string(cgroup), groupName(id)+"/"+found.ID)
	require.Eventually(t, func() bool { return p.told(id).Containers[0].Status == ecs.ContainerStatusStopped },
		30*time.Second, 20*time.Millisecond)
	require.Contains(t, p.told(id).Containers[0].Reason, "OutOfMemoryError")

	p.stop(id)
	p.reaches(id, ecs.TaskStatusStopped)
	require.NoError(t, p.runtime.Remove(context.Background(), c))
	left, err := filepath.Glob(filepath.Join(root, "*", groupName(id)))
	require.NoError(t, err)
	require.Empty(t, left)
}
