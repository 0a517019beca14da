package agent_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/message"
)

// idle is a runtime whose containers do nothing, for ever.
type idle struct{}

func (idle) Pull(context.Context, agent.Container) (string, error) { return "", nil }
func (idle) Create(_ context.Context, c agent.Container) (string, error) {
	return string(c.Task.Task) + "/" + c.Definition().Name, nil
}
func (idle) Start(context.Context, agent.Container) error { return nil }
func (idle) Wait(ctx context.Context, _ agent.Container) (agent.Exit, error) {
	<-ctx.Done()
	return agent.Exit{}, ctx.Err()
}
func (idle) Stop(context.Context, agent.Container) error        { return nil }
func (idle) Kill(context.Context, agent.Container) error        { return nil }
func (idle) CheckHealth(context.Context, agent.Container) error { return nil }
func (idle) Remove(context.Context, message.StartTask) error    { return nil }
func (idle) Sweep(_ context.Context, _, _ []ecs.TaskID) error   { return nil }

// An agent runs a task and reports it.
func ExampleNew() {
	directory, err := os.MkdirTemp("", "agent")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(directory)
	running := make(chan message.TaskStateChange, 16)
	a, err := agent.New(agent.Config{Cluster: "default", Instance: "i", Containers: idle{},
		File: filepath.Join(directory, "agent.json"), Notify: func(ev message.Event) {
			if e, ok := ev.(message.TaskStateChange); ok && e.Status == ecs.TaskStatusRunning {
				running <- e
			}
		}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer a.Close()
	err = a.StartTask(context.Background(), message.StartTask{
		ID:   message.Key{Op: "StartTask", Target: "t", Epoch: 1},
		Task: "t", Cluster: "default", Instance: "i",
		TaskDefinition: ecs.TaskDefinition{Family: "web", ContainerDefinitions: []ecs.ContainerDefinition{
			{Name: "web", Image: "web", Memory: 64}}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	e := <-running
	fmt.Println(e.Task, e.Status, e.Containers[0].RuntimeID)
	// Output: t RUNNING t/web
}
