package engine

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

var every = flag.Int("definitions", 8, "one in so many of the public task definitions is started; 1: all")

// TestPublicDefinitions starts task definitions that nobody here wrote, every image being the stub: each starts, or
// stops with a reason that names the field.
//
// Seen to fail: reasons without the field.
func TestPublicDefinitions(t *testing.T) {
	files, _ := filepath.Glob("../../../../shared/data/taskdefs/*.json")
	if len(files) == 0 {
		t.Skip("../shared/data/taskdefs is not there")
	}
	needEngine(t)
	mounts := t.TempDir()
	p := newPlace(t, func(c *Config) {
		c.Image = func(string) string { return stub }
		c.Secrets = func(context.Context, message.StartTask, string) (string, error) { return "secret", nil }
		c.Objects = func(context.Context, message.StartTask, string) ([]byte, error) { return []byte("A=b\n"), nil }
		c.Allow.Mounts = []string{mounts}
	})
	one, all := *every, 0
	if testing.Short() {
		one *= 3
	}
	chosen := map[ecs.TaskID]string{} // the files of tasks
	started, refused, other := 0, 0, 0
	live := func() {
		for id, file := range chosen {
			switch told := p.settles(id); {
			case told.Status == ecs.TaskStatusRunning:
				started++
			case namesField.MatchString(reasons(told)):
				refused++
				t.Logf("%s: %s", file, reasons(told))
			default:
				other++
				t.Logf("%s has a reason without a field: %s", file, told.Reason)
			}
			p.stop(id)
		}
		for id := range chosen {
			p.reaches(id, ecs.TaskStatusStopped)
			require.NoError(t, p.runtime.Remove(context.Background(), p.command(id)))
		}
		clear(chosen)
	}
	for i, file := range files {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		d, err := ecs.ParseTaskDefinition(data)
		if d = d.Normalize(); err != nil || d.Validate() != nil || len(d.CompatibleWith()) == 0 {
			continue
		}
		if all++; all%one != 0 {
			continue
		}
		id := ecs.TaskID(fmt.Sprint("t-", i))
		p.define(id, d)
		if chosen[id] = filepath.Base(file); len(chosen) == 4 {
			live()
		}
	}
	live()
	require.Positive(t, started)
	t.Logf("%d of %d public task definitions: %d started, %d stopped with a reason that names the field, %d otherwise",
		started+refused+other, all, started, refused, other)
	require.LessOrEqual(t, 20*other, started+refused+other, "at most 5 percent")
}

// reasons are those of a task and of its containers.
func reasons(told message.TaskStateChange) string {
	all := told.Reason
	for _, c := range told.Containers {
		if c.Reason != "" && c.Reason != told.Reason {
			all += "\n" + c.Reason
		}
	}
	return all
}

// namesField is a reason that has the name of a field.
var namesField = regexp.MustCompile(`: (containerDefinitions\[\d+\]\.)?[a-z][a-zA-Z.\[\]\d]*: `)

// define starts a task of a definition, as the plane would. What others wait for to end, ends.
func (p *place) define(id ecs.TaskID, d ecs.TaskDefinition) {
	c := p.command(id)
	family := c.TaskDefinition.Family
	c.TaskDefinition = d
	c.TaskDefinition.Family = family
	c.NetworkBindings = map[string][]ecs.NetworkBinding{}
	for i := range d.ContainerDefinitions {
		one := &d.ContainerDefinitions[i]
		one.StopTimeout = ecs.Some(2) // the stub may be stopped before it heeds its signals
		one.Environment = append(one.Environment, ecs.KeyValuePair{Name: "STUB", Value: "lives"})
		for _, other := range d.ContainerDefinitions {
			for _, dep := range other.DependsOn {
				if dep.ContainerName == one.Name && strings.Contains("COMPLETE SUCCESS", string(dep.Condition)) {
					one.Environment[len(one.Environment)-1].Value = "ends"
				}
			}
		}
		for _, m := range one.PortMappings {
			if d.NetworkMode == ecs.NetworkModeBridge && m.ContainerPort > 0 {
				c.NetworkBindings[one.Name] = append(c.NetworkBindings[one.Name], ecs.NetworkBinding{
					ContainerPort: m.ContainerPort, HostPort: freePort(p.t), Protocol: m.TransportProtocol()})
			}
		}
	}
	require.NoError(p.t, p.agent.StartTask(context.Background(), c))
}

// settles waits until a task runs or has stopped.
func (p *place) settles(id ecs.TaskID) message.TaskStateChange {
	for end := time.Now().Add(time.Minute); ; time.Sleep(2 * time.Millisecond) {
		told := p.told(id)
		if told.Status == ecs.TaskStatusRunning || told.Status == ecs.TaskStatusStopped {
			return told
		}
		require.True(p.t, time.Now().Before(end), "%s is %+v", id, told)
	}
}
