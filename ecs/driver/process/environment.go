package process

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/driver/internal/allowed"
	"github.com/bayplan/bayplan/ecs/driver/internal/shim"
)

// environment returns the variables of a container, sorted. Of two with one name, the later rule wins: the
// search path, HOST and PORT, Config.Environment, the task definition, secrets.
func (r *Runtime) environment(ctx context.Context, c agent.Container) ([]string, error) {
	all := map[string]string{"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOST": r.address(c)}
	for _, p := range r.ports(c) {
		all["PORT"] = cmp.Or(all["PORT"], strconv.Itoa(p.host))
		all["PORT_"+strconv.Itoa(p.container)] = strconv.Itoa(p.host)
		if p.name != "" {
			all["PORT_"+upper(p.name)] = strconv.Itoa(p.host)
		}
	}
	d := c.Definition()
	if r.config.Environment != nil {
		for _, v := range r.config.Environment(*c.Task, c.Index) {
			all[v.Name] = v.Value
		}
	}
	for _, v := range d.Environment {
		all[v.Name] = v.Value
	}
	for _, s := range d.Secrets {
		value, err := r.config.Secrets(ctx, *c.Task, s.ValueFrom)
		if err != nil {
			return nil, fmt.Errorf("ResourceInitializationError: unable to pull secrets: %s: %w", s.Name, err)
		}
		all[s.Name] = value
	}
	all[shim.Marker] = mark(c)
	list := make([]string, 0, len(all))
	for name, value := range all { //order:any sorted below
		if strings.ContainsRune(name+value, 0) {
			return nil, fmt.Errorf("environment: %s has a zero byte", name)
		}
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list, nil
}

// remembered returns the environment of a run, which stays as it was when the run began: its secrets are
// fetched once.
func (r *Runtime) remembered(ctx context.Context, c agent.Container) ([]string, error) {
	d, err := r.record(c)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	list, ok := r.environments[d.Path]
	r.mu.Unlock()
	if ok {
		return list, nil
	}
	if list, err = r.environment(ctx, c); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.environments[d.Path] = list
	return list, nil
}

// forget drops the environment of a run that is over.
func (r *Runtime) forget(d shim.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.environments, d.Path)
}

func mark(c agent.Container) string {
	return fmt.Sprintf("%s/%s/%d", c.Task.Task, c.Definition().Name, c.Run)
}

// upper is a name in the form of a variable: "web-http" becomes WEB_HTTP.
func upper(name string) string { return strings.ToUpper(strings.ReplaceAll(name, "-", "_")) }

// address is where a container listens: at the address of its task, or of its instance.
func (r *Runtime) address(c agent.Container) string {
	if c.Task.TaskDefinition.NetworkMode == ecs.NetworkModeAwsvpc {
		return cmp.Or(c.Task.PrivateIPv4, r.config.Address)
	}
	return r.config.Address
}

// port is a port of a container, and the one at which it listens.
type port struct {
	name            string
	container, host int
	network         string // tcp or udp
}

// ports returns the ports of a container in order of its mappings. The plane has chosen the dynamic ones.
func (r *Runtime) ports(c agent.Container) (list []port) {
	bindings := c.Task.NetworkBindings[c.Definition().Name]
	for _, m := range c.Definition().PortMappings {
		p := port{m.Name, m.ContainerPort, m.ContainerPort, string(m.TransportProtocol())}
		i := slices.IndexFunc(bindings, func(b ecs.NetworkBinding) bool {
			return b.ContainerPort == m.ContainerPort && cmp.Or(string(b.Protocol), "tcp") == p.network
		})
		if i >= 0 && bindings[i].HostPort > 0 {
			p.host = bindings[i].HostPort
		}
		if p.container > 0 {
			list = append(list, p)
		}
	}
	return list
}

// free returns why a container cannot listen at its ports.
func (r *Runtime) free(ctx context.Context, c agent.Container) error {
	for _, p := range r.ports(c) {
		at := net.JoinHostPort(r.address(c), strconv.Itoa(p.host))
		var err error
		if p.network == "udp" {
			var conn net.PacketConn
			if conn, err = (&net.ListenConfig{}).ListenPacket(ctx, "udp", at); err == nil {
				err = conn.Close()
			}
		} else {
			var l net.Listener
			if l, err = (&net.ListenConfig{}).Listen(ctx, "tcp", at); err == nil {
				err = l.Close()
			}
		}
		if err != nil {
			return fmt.Errorf("container port %d cannot be bound to %s/%s: %w", p.container, at, p.network,
				allowed.Reason(err))
		}
	}
	return nil
}
