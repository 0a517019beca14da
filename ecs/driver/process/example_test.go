package process_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/driver/process"
	"github.com/bayplan/bayplan/ecs/message"
)

// A task whose container is a program of this host, and ends with exit code 3.
func ExampleNew() {
	directory, err := os.MkdirTemp("", "process")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(directory)
	containers, err := process.New(process.Config{Directory: filepath.Join(directory, "containers"),
		Programs: map[string]process.Program{"shell": {Path: "/bin/sh", Arguments: []string{"-c"}}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer containers.Close()
	stopped := make(chan message.TaskStateChange, 16)
	a, err := agent.New(agent.Config{Cluster: "default", Instance: "i", Containers: containers,
		File: filepath.Join(directory, "agent.json"), Notify: func(ev message.Event) {
			if e, ok := ev.(message.TaskStateChange); ok && e.Status == ecs.TaskStatusStopped {
				stopped <- e
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
		TaskDefinition: ecs.TaskDefinition{Family: "batch", ContainerDefinitions: []ecs.ContainerDefinition{
			{Name: "main", Image: "shell", Command: []string{"exit 3"}, Memory: 64}}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	e := <-stopped
	fmt.Println(e.Task, e.Status, e.Containers[0].ExitCode.Or(-1))
	// Output: t STOPPED 3
}
