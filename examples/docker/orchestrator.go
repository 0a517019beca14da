package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/agentconfig"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver/loopback"
	"github.com/bayplan/bayplan/ecs/driver/metadata"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/examples/crew"
	"github.com/bayplan/bayplan/examples/docker/engine"
	"github.com/bayplan/bayplan/examples/docker/registry"
)

const (
	account = "123456789012"
	region  = "us-east-1"
	awsHost = account + ".dkr.ecr." + region + ".amazonaws.com"
)

// addresses are those at which the instances' host ports are bound. Where loopback has one address only, there is one
// instance.
func addresses() []string {
	if runtime.GOOS == "linux" {
		return []string{"127.0.0.1", "127.0.0.12", "127.0.0.13"}
	}
	return []string{"127.0.0.1"}
}

// addressOf returns the address of an instance.
func addressOf(target string) (string, bool) { return crew.AddressOf(addresses(), target) }

// proxyRole runs the load balancer until the program ends.
func proxyRole(ctx context.Context, args []string) error {
	var o options
	ctx, p, err := crew.ParsePart(ctx, args, o.declare)
	if err != nil {
		return err
	}
	return p.Proxy(ctx, addressOf)
}

// machine is what the processes of the orchestrator share.
type machine struct {
	crew.Part
	options
	images  *registry.Registry
	answers string // where containers ask about themselves
}

// orchestratorRole runs the control plane, the registry and the agents until the program ends; then it ends the tasks.
func orchestratorRole(ctx context.Context, args []string) (err error) {
	var m machine
	if ctx, m.Part, err = crew.ParsePart(ctx, args, func(f *flag.FlagSet) { m.declare(f) }); err != nil {
		return err
	}
	if m.answers, err = m.endpoint(ctx); err != nil {
		return err
	}
	rights, err := m.rights()
	if err != nil {
		return err
	}
	if m.images, err = registry.New(registry.Config{Directory: filepath.Join(m.Directory, "registry"),
		Endpoint: "http://" + m.registry, Account: account, Region: region, Policies: rights}); err != nil {
		return err
	}
	stop, err := serveRegistry(m.registry, m.images)
	if err != nil {
		return err
	}
	interfaces, err := loopback.New(loopback.Config{File: filepath.Join(m.Directory, "interfaces.json"),
		Network: engine.TaskAddresses(m.subnet), Elsewhere: true})
	if err == nil {
		o := crew.Orchestra{NetworkInterfaces: interfaces, Images: m.images, Join: m.join, Open: m.open}
		if rights != nil {
			o.Authorizer = rights
		}
		err = m.Orchestrate(ctx, o)
	}
	return errors.Join(err, stop(), m.forget())
}

// serveRegistry serves the registry until stop is called.
func serveRegistry(address string, images http.Handler) (stop func() error, err error) {
	socket, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: images, MaxHeaderBytes: 64 << 10, ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout: 2 * time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(socket) }()
	return func() error {
		err := server.Close()
		if why := <-ended; !errors.Is(why, http.ErrServerClosed) {
			err = errors.Join(err, why)
		}
		return err
	}, nil
}

// join registers the instances with a plane that does not have them. Their attributes are what the engine can do.
func (m machine) join(plane *control.Plane, now time.Time) ([]ecs.InstanceID, error) {
	return crew.Join(plane, now, m.instances, func(i int) (in api.RegisterContainerInstanceInput, err error) {
		r, err := m.runtime(i, "joins", nothing)
		if err != nil {
			return in, err
		}
		defer r.Close()
		in, err = agentconfig.Config{}.Registration(agentconfig.Machine{CPU: m.cpu, Memory: m.memory})
		in.Attributes = r.Attributes()
		return in, err
	})
}

// runtime returns the runtime of an instance's containers.
func (m machine) runtime(
	i int, id ecs.InstanceID, environment func(message.StartTask, int) []ecs.KeyValuePair,
) (*engine.Runtime, error) {
	at, err := netip.ParseAddr(addresses()[i])
	if err != nil {
		return nil, err
	}
	limited, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return engine.New(limited, engine.Config{Host: m.host, Cluster: "default", Instance: id,
		Directory: filepath.Join(m.Directory, crew.InstanceName(i)), Address: at, Subnet: m.subnet,
		Network: networkOf(m.subnet), Image: m.pulled, Login: m.login, Environment: environment,
		ControlGroups: "/sys/fs/cgroup"})
}

// networkOf is the name of the network of awsvpc tasks: another one for each subnet, so that two programs may use one
// engine.
func networkOf(subnet netip.Prefix) string {
	return "ecs-awsvpc-" + strings.ReplaceAll(subnet.String(), "/", "-")
}

// nothing is the variables of no container.
func nothing(message.StartTask, int) []ecs.KeyValuePair { return nil }

// open starts an instance, which goes on with the containers that run.
func (m machine) open(i int, id ecs.InstanceID, notify func(message.Event)) (*crew.Host, error) {
	answers := m.answers
	if host, _, err := net.SplitHostPort(answers); err == nil && i > 0 { // the port is the first instance's
		answers = host
	}
	return crew.OpenHost(crew.HostConfig{Directory: m.Directory, ID: id, Address: answers, Notify: notify,
		Instance: metadata.Instance{ID: crew.InstanceName(i), Type: "docker", ImageID: "ami-docker", Region: region,
			AvailabilityZone: crew.ZoneOf(i), Account: account, PrivateIPv4: addresses()[i],
			Role: "arn:aws:iam::" + account + ":role/ecsInstanceRole"},
		Containers: func(environment func(message.StartTask, int) []ecs.KeyValuePair) (crew.Containers, error) {
			return m.runtime(i, id, environment)
		}})
}

// pulled is the name by which the engine pulls an image: one of the account's registry is here.
func (m machine) pulled(image string) string {
	if rest, own := strings.CutPrefix(image, awsHost+"/"); own {
		return m.registry + "/" + rest
	}
	return image
}

// login returns who pulls an image of the registry: its instance.
func (m machine) login(_ context.Context, task message.StartTask, image string) (engine.Login, error) {
	if !strings.HasPrefix(image, m.registry+"/") {
		return engine.Login{}, nil
	}
	password, err := m.images.Password(string(task.Instance), time.Now().Add(time.Hour))
	return engine.Login{Username: "AWS", Password: password}, err
}

// credentials is the network of the engine that has linkLocal as the address of this machine.
const (
	credentials = "ecs-credentials"
	linkLocal   = "169.254.170.2"
)

// forget removes the networks, once all tasks have ended: that of awsvpc tasks, and that of credentials, to which no
// container belongs.
func (m machine) forget() error {
	r, err := m.runtime(0, "leaves", nothing)
	if err != nil {
		return err
	}
	defer r.Close()
	limited, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	err = r.Dismantle(limited)
	if !strings.HasPrefix(m.answers, linkLocal) {
		return err
	}
	c, failed := connect(m.host)
	if failed != nil {
		return errors.Join(err, failed)
	}
	defer c.Close()
	_, failed = c.NetworkRemove(limited, credentials, client.NetworkRemoveOptions{})
	return errors.Join(err, failed)
}

// endpoint returns the address at which containers ask about themselves: 169.254.170.2, which a network of the engine
// brings to this machine, or else the gateway of its bridge, with a port that is free.
func (m machine) endpoint(ctx context.Context) (string, error) {
	c, err := connect(m.host)
	if err != nil {
		return "", err
	}
	defer c.Close()
	if _, err := c.NetworkInspect(ctx, credentials, client.NetworkInspectOptions{}); err != nil {
		_, err = c.NetworkCreate(ctx, credentials, client.NetworkCreateOptions{Driver: "bridge", IPAM: &network.IPAM{
			Config: []network.IPAMConfig{{Subnet: netip.MustParsePrefix("169.254.170.0/24"),
				Gateway: netip.MustParseAddr(linkLocal)}}}})
		if err != nil {
			return gateway(ctx, c)
		}
	}
	socket, err := net.Listen("tcp", linkLocal+":80")
	if err != nil {
		return gateway(ctx, c)
	}
	return linkLocal + ":80", socket.Close()
}

// gateway returns the address of this machine on the engine's bridge.
func gateway(ctx context.Context, c *client.Client) (string, error) {
	bridge, err := c.NetworkInspect(ctx, "bridge", client.NetworkInspectOptions{})
	if err != nil {
		return "", fmt.Errorf("containers have no address to ask at: %w", err)
	}
	for _, config := range bridge.Network.IPAM.Config {
		if config.Gateway.Is4() {
			return config.Gateway.String(), nil
		}
	}
	return "", errors.New("containers have no address to ask at: the engine's bridge has no gateway")
}

// connect returns a client of the engine.
func connect(host string) (*client.Client, error) {
	options := []client.Opt{client.FromEnv}
	if host != "" {
		options = append(options, client.WithHost(host))
	}
	return client.New(options...)
}
