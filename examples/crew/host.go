package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/agentconfig"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/driver/metadata"
	"github.com/bayplan/bayplan/ecs/driver/process"
	"github.com/bayplan/bayplan/ecs/message"
)

// host is an instance: its agent, the runtime of its containers, and what containers ask about themselves. It is a
// driver.Agent.
type host struct {
	*agent.Agent
	runtime *process.Runtime
	about   *metadata.Server
	server  *http.Server
	served  chan error
}

// openHost starts an instance, which goes on with the tasks that run.
func openHost(p part, i int, id ecs.InstanceID, images map[string]process.Program, notify func(message.Event)) (
	h *host, err error) {
	name, address := instanceName(i), addresses()[i]
	booted, err := boot(p.directory, name)
	if err != nil {
		return nil, err
	}
	socket, err := heldSocket(filepath.Join(p.directory, name+".metadata-address"), address)
	if err != nil {
		return nil, err
	}
	h = &host{served: make(chan error, 1)}
	h.about, err = metadata.New(metadata.Config{URL: "http://" + socket.Addr().String(), Cluster: "default",
		File: filepath.Join(p.directory, name+".metadata.json"), Keys: keys{},
		Credentials: driver.NewCredentialsEndpoint(driver.CredentialsConfig{Keys: keys{},
			CredentialsConfig: agentconfig.CredentialsConfig{Cluster: "default"}}),
		Instance: metadata.Instance{ID: name, Type: "laptop", ImageID: "ami-laptop", Region: "us-east-1",
			AvailabilityZone: zoneOf(i), Account: "123456789012", PrivateIPv4: address, UserData: booted.text,
			Role: "arn:aws:iam::123456789012:role/ecsInstanceRole", BlockAwsvpc: booted.BlockIMDS}})
	if err != nil {
		return nil, errors.Join(err, socket.Close())
	}
	h.server = &http.Server{Handler: h.about, ReadHeaderTimeout: 10 * time.Second}
	go func() { h.served <- h.server.Serve(socket) }()
	if h.runtime, err = process.New(process.Config{Directory: filepath.Join(p.directory, name), Address: address,
		Programs: images, Paths: p.limits.paths, AllowShell: p.limits.shell, AllowUser: p.limits.user,
		Environment: h.about.Environment}); err != nil {
		h.close()
		return nil, err
	}
	h.Agent, err = agent.New(agent.Config{Cluster: "default", Instance: id, Containers: h.runtime,
		File: filepath.Join(p.directory, name+".json"), Report: time.Second, Cleanup: time.Minute,
		Notify: func(e message.Event) {
			if err := h.about.Observe(e); err != nil {
				log.Print(err) // the next report says it again
			}
			notify(e)
		}})
	if err != nil {
		h.close()
		return nil, err
	}
	return h, nil
}

// StartTask makes a task's metadata known before its containers start.
func (h *host) StartTask(ctx context.Context, c message.StartTask) error {
	if err := h.about.Start(c); err != nil {
		return err
	}
	err := h.Agent.StartTask(ctx, c)
	if driver.IsPermanent(err) {
		err = errors.Join(err, h.about.Observe(message.TaskStateChange{Task: c.Task, Status: ecs.TaskStatusStopped}))
	}
	return err
}

// StopTask says in a task's metadata that it is to stop.
func (h *host) StopTask(ctx context.Context, c message.StopTask) error {
	h.about.Stop(c)
	return h.Agent.StopTask(ctx, c)
}

// close ends the agent, and leaves its tasks.
func (h *host) close() {
	if h.Agent != nil {
		h.Agent.Close()
	}
	if h.runtime != nil {
		h.runtime.Close()
	}
	_ = h.server.Close() // served says that it has ended
	<-h.served
}

// keys are made up: no service of AWS takes them.
type keys struct{}

// AssumeRole returns keys that are good for an hour.
func (keys) AssumeRole(_ context.Context, roleArn, _ string) (agentconfig.Credentials, error) {
	return agentconfig.Credentials{RoleArn: roleArn, AccessKeyID: "ASIA" + rand.Text()[:16],
		SecretAccessKey: rand.Text() + rand.Text()[:14], Token: rand.Text(), Expiration: time.Now().Add(time.Hour)}, nil
}

func zoneOf(i int) string { return "us-east-1" + string(rune('a'+i)) }

// heldSocket listens at an address, on the port of the file: in each life of the program the same one.
func heldSocket(file, address string) (net.Listener, error) {
	data, err := os.ReadFile(file)
	if err == nil {
		return net.Listen("tcp", string(data))
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	socket, err := net.Listen("tcp", net.JoinHostPort(address, "0"))
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(file, []byte(socket.Addr().String()), 0o600); err != nil {
		return nil, errors.Join(err, socket.Close())
	}
	return socket, nil
}

// secret returns what the file has: what the IDs of credentials are made with. The first time it is drawn.
func secret(file string) (string, error) {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		data = []byte(rand.Text())
		err = os.WriteFile(file, data, 0o600)
	}
	if err == nil && len(data) == 0 {
		err = fmt.Errorf("%s is empty", file)
	}
	return string(data), err
}
