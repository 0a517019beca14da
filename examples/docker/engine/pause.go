package engine

import (
	"archive/tar"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"sync"

	"github.com/containerd/errdefs"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/network"
	"github.com/moby/moby/client"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// pauseImage is the image of pause containers, which the runtime makes itself.
const pauseImage = "bayplan/pause:1"

// paused reports whether a task has a pause container, whose namespaces its containers join.
func paused(d ecs.TaskDefinition) bool {
	return d.NetworkMode == ecs.NetworkModeAwsvpc || d.PidMode == ecs.PidModeTask || d.IpcMode == ecs.IpcModeTask
}

// lock returns what guards the pause container of a task.
func (r *Runtime) lock(id ecs.TaskID) *sync.Mutex {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.tasks[id] == nil {
		r.tasks[id] = &sync.Mutex{}
	}
	return r.tasks[id]
}

// makePause creates the pause container of a task, with its image and the network of awsvpc tasks.
func (r *Runtime) makePause(ctx context.Context, t *message.StartTask) error {
	lock := r.lock(t.Task)
	lock.Lock()
	defer lock.Unlock()
	if found, err := r.look(ctx, pauseName(t)); found != nil || err != nil {
		return err
	}
	if err := r.makePauseImage(ctx); err != nil {
		return fmt.Errorf("the image of the pause container: %w", err)
	}
	if t.TaskDefinition.NetworkMode == ecs.NetworkModeAwsvpc {
		if err := r.makeNetwork(ctx); err != nil {
			return fmt.Errorf("ContainerNetworkingError: networkMode: %w", err)
		}
	}
	options, err := r.specifyPause(t)
	if err == nil {
		_, err = r.make(ctx, t, options)
	}
	return err
}

// startPause starts the pause container of a task if it does not run. The caller has the lock.
func (r *Runtime) startPause(ctx context.Context, t *message.StartTask) error {
	err := r.again(ctx, r.pace.act, func(ctx context.Context) error {
		_, err := r.engine.ContainerStart(ctx, pauseName(t), client.ContainerStartOptions{})
		return err
	})
	if err != nil {
		return fmt.Errorf("ContainerNetworkingError: the pause container of the task cannot be started: %w", err)
	}
	return nil
}

// release ends the pause container of a task when none of its containers runs: its address is free then.
func (r *Runtime) release(t *message.StartTask) {
	if !paused(t.TaskDefinition) {
		return
	}
	ctx, cancel := context.WithTimeout(r.ctx, r.pace.settle)
	defer cancel()
	lock := r.lock(t.Task)
	lock.Lock()
	defer lock.Unlock()
	for i := range t.TaskDefinition.ContainerDefinitions {
		found, err := r.look(ctx, containerName(t, i))
		if runs(found) || err != nil {
			return
		}
	}
	if err := r.signal(ctx, pauseName(t), "SIGKILL"); err != nil {
		r.warn("a pause container cannot be ended", err, "task", t.Task)
	}
}

// specifyPause is the pause container of a task: it has what only the owner of a namespace may have.
func (r *Runtime) specifyPause(t *message.StartTask) (client.ContainerCreateOptions, error) {
	d := t.TaskDefinition
	labels := r.labels(t, rolePause)
	labels[labelContainer] = "~internal~ecs~pause"
	options := client.ContainerCreateOptions{Name: pauseName(t), Config: &container.Config{Image: pauseImage,
		Labels: labels}, HostConfig: &container.HostConfig{NetworkMode: "none", IpcMode: "shareable",
		LogConfig: container.LogConfig{Type: "none"}, Sysctls: map[string]string{}}}
	h := options.HostConfig
	r.join(t, h)
	if d.NetworkMode != ecs.NetworkModeAwsvpc {
		return options, nil
	}
	h.NetworkMode = container.NetworkMode(r.config.Network)
	for _, c := range d.ContainerDefinitions {
		options.Config.Hostname = cmp.Or(options.Config.Hostname, c.Hostname)
		h.DNS = append(h.DNS, addresses(c.DNSServers)...)
		h.DNSSearch = append(h.DNSSearch, c.DNSSearchDomains...)
		for _, e := range c.ExtraHosts {
			h.ExtraHosts = append(h.ExtraHosts, e.Hostname+":"+e.IPAddress)
		}
		net, _ := sysctls(c)
		maps.Copy(h.Sysctls, net)
	}
	if t.PrivateIPv4 == "" { // the engine picks one
		return options, nil
	}
	address, err := netip.ParseAddr(t.PrivateIPv4)
	if err != nil || !TaskAddresses(r.config.Subnet).Contains(address) {
		return options, fmt.Errorf("ContainerNetworkingError: the task's address %s is not one of %s", t.PrivateIPv4,
			TaskAddresses(r.config.Subnet))
	}
	options.NetworkingConfig = &network.NetworkingConfig{EndpointsConfig: map[string]*network.EndpointSettings{
		r.config.Network: {IPAMConfig: &network.EndpointIPAMConfig{IPv4Address: address}}}}
	return options, nil
}

// makeNetwork creates the network of awsvpc tasks unless it is there.
func (r *Runtime) makeNetwork(ctx context.Context) error {
	return r.patiently(ctx, func(ctx context.Context) error {
		found, err := r.engine.NetworkInspect(ctx, r.config.Network, client.NetworkInspectOptions{})
		if err == nil {
			for _, c := range found.Network.IPAM.Config {
				if c.Subnet == r.config.Subnet {
					return nil
				}
			}
			return fmt.Errorf("the engine has a network %s that is not %s", r.config.Network, r.config.Subnet)
		}
		if !errdefs.IsNotFound(err) {
			return err
		}
		lower := netip.PrefixFrom(r.config.Subnet.Addr(), r.config.Subnet.Bits()+1)
		_, err = r.engine.NetworkCreate(ctx, r.config.Network, client.NetworkCreateOptions{Driver: "bridge",
			Labels: map[string]string{labelRole: "network"}, IPAM: &network.IPAM{Driver: "default",
				Config: []network.IPAMConfig{{Subnet: r.config.Subnet, IPRange: lower}}}})
		if err != nil { // another instance may have been faster
			if _, again := r.engine.NetworkInspect(ctx, r.config.Network,
				client.NetworkInspectOptions{}); again == nil {
				return nil
			}
		}
		return err
	})
}

// makePauseImage makes the image of pause containers unless it is there.
func (r *Runtime) makePauseImage(ctx context.Context) error {
	return r.patiently(ctx, func(ctx context.Context) error {
		_, err := r.engine.ImageInspect(ctx, pauseImage)
		if !errdefs.IsNotFound(err) {
			return err
		}
		program, err := pauseProgram(r.host.processor())
		if err != nil {
			return err
		}
		var archive bytes.Buffer
		w := tar.NewWriter(&archive)
		err = w.WriteHeader(&tar.Header{Name: "pause", Mode: 0o755, Size: int64(len(program))})
		_, written := w.Write(program)
		if err := errors.Join(err, written, w.Close()); err != nil {
			return err
		}
		answer, err := r.engine.ImageImport(ctx, client.ImageImportSource{Source: &archive, SourceName: "-"},
			pauseImage,
			client.ImageImportOptions{Changes: []string{`ENTRYPOINT ["/pause"]`}})
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, answer)
		return errors.Join(err, answer.Close())
	})
}
