package crew

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
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/agentconfig"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/driver/metadata"
	"github.com/bayplan/bayplan/ecs/message"
)

// Host is an instance: its agent, the runtime of its containers, and what containers ask about themselves. It is a
// driver.Agent.
type Host struct {
	*agent.Agent
	containers Containers
	about      *metadata.Server
	server     *http.Server
	served     chan error
}

// Containers is a runtime that can be closed; its containers go on.
type Containers interface {
	agent.Containers
	Close()
}

// HostConfig says what a Host is made of.
type HostConfig struct {
	Directory string // of its files, whose names begin with the instance's ID
	ID        ecs.InstanceID
	Instance  metadata.Instance
	Address   string // where containers ask: an address with a port, or one without, at which a free one is taken
	// Containers makes the runtime. Its containers have the variables of the environment.
	Containers func(environment func(c message.StartTask, index int) []ecs.KeyValuePair) (Containers, error)
	Notify     func(message.Event)
}

// OpenHost starts an instance, which goes on with the tasks that run.
func OpenHost(c HostConfig) (h *Host, err error) {
	name := filepath.Join(c.Directory, c.Instance.ID)
	socket, err := heldSocket(name+".metadata-address", c.Address)
	if err != nil {
		return nil, err
	}
	h = &Host{served: make(chan error, 1)}
	host := strings.TrimSuffix(socket.Addr().String(), ":80") // SDKs leave it out
	h.about, err = metadata.New(metadata.Config{URL: "http://" + host, Cluster: "default",
		File: name + ".metadata.json", Keys: keys{}, Instance: c.Instance,
		Credentials: driver.NewCredentialsEndpoint(driver.CredentialsConfig{Keys: keys{},
			CredentialsConfig: agentconfig.CredentialsConfig{Cluster: "default"}})})
	if err != nil {
		return nil, errors.Join(err, socket.Close())
	}
	h.server = &http.Server{Handler: h.about, ReadHeaderTimeout: 10 * time.Second}
	go func() { h.served <- h.server.Serve(socket) }()
	if h.containers, err = c.Containers(h.about.Environment); err != nil {
		h.containers = nil
		h.Close()
		return nil, err
	}
	h.Agent, err = agent.New(agent.Config{Cluster: "default", Instance: c.ID, Containers: h.containers,
		File: name + ".json", Report: time.Second, Cleanup: time.Minute,
		Notify: func(e message.Event) {
			if err := h.about.Observe(e); err != nil {
				log.Print(err) // the next report says it again
			}
			c.Notify(e)
		}})
	if err != nil {
		h.Close()
		return nil, err
	}
	return h, nil
}

// StartTask makes a task's metadata known before its containers start.
func (h *Host) StartTask(ctx context.Context, c message.StartTask) error {
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
func (h *Host) StopTask(ctx context.Context, c message.StopTask) error {
	h.about.Stop(c)
	return h.Agent.StopTask(ctx, c)
}

// Close ends the agent, and leaves its tasks.
func (h *Host) Close() {
	if h.Agent != nil {
		h.Agent.Close()
	}
	if h.containers != nil {
		h.containers.Close()
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

// ZoneOf is the Availability Zone of an instance: each has one of its own.
func ZoneOf(i int) string { return "us-east-1" + string(rune('a'+i)) }

// heldSocket listens at an address. If it has no port, that is the port of the file: in each life of the program the
// same one.
func heldSocket(file, address string) (net.Listener, error) {
	if _, _, err := net.SplitHostPort(address); err == nil {
		return net.Listen("tcp", address)
	}
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
