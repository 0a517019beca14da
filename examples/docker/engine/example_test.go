package engine_test

import (
	"context"
	"path/filepath"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/examples/docker/engine"
)

// An instance whose containers run on the Docker Engine of DOCKER_HOST. The caller closes the agent and then the
// runtime; the containers go on.
func ExampleNew() {
	_ = instance // a program calls it with a directory, and with the Notify of its loop
}

func instance(ctx context.Context, id ecs.InstanceID, dir string, notify func(message.Event)) (
	a *agent.Agent, containers *engine.Runtime, err error) {
	containers, err = engine.New(ctx, engine.Config{Cluster: "default", Instance: id,
		Directory: filepath.Join(dir, "containers"), Allow: engine.Allowed{Mounts: []string{filepath.Join(dir,
			"data")}}})
	if err != nil {
		return nil, nil, err
	}
	a, err = agent.New(agent.Config{Cluster: "default", Instance: id, Containers: containers,
		File: filepath.Join(dir, "agent.json"), Notify: notify})
	if err != nil {
		containers.Close()
		return nil, nil, err
	}
	return a, containers, nil
}
