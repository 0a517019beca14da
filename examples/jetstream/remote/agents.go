package remote

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/examples/jetstream/bus"
)

// command is what a leader sends to an agent, and outcome what the agent answers.
type command struct {
	Term    uint64                `json:"term"`
	Command message.SealedCommand `json:"command"`
}

type outcome struct {
	Error     string `json:"error,omitzero"`
	Permanent bool   `json:"permanent,omitzero"`
}

// beat says that an agent lives.
type beat struct {
	Cluster  string         `json:"cluster"`
	Instance ecs.InstanceID `json:"instance"`
}

func commandSubject(prefix string, id ecs.InstanceID) string {
	return prefix + ".command." + string(id)
}
func eventSubject(prefix, member string) string { return prefix + ".event." + member }
func beatSubject(prefix string) string          { return prefix + ".beat" }
func helloSubject(prefix, member string) string { return prefix + ".hello." + member }

// Agents is the agents of all instances, as the leader of a term reaches them. It is a driver.Agent.
type Agents struct {
	Bus    bus.Bus
	Prefix string
	Term   uint64
}

// StartTask sends the command to the agent of its instance.
func (a Agents) StartTask(ctx context.Context, c message.StartTask) error {
	return a.send(ctx, c.Instance, c)
}

// StopTask sends the command to the agent of its instance.
func (a Agents) StopTask(ctx context.Context, c message.StopTask) error {
	return a.send(ctx, c.Instance, c)
}

// patience is how long an agent may take to make a command durable.
const patience = 5 * time.Second

func (a Agents) send(ctx context.Context, id ecs.InstanceID, c message.Command) error {
	data, err := json.Marshal(command{a.Term, message.SealedCommand{Command: c}})
	if err != nil {
		return driver.Permanent(err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	back, err := a.Bus.Request(ctx, commandSubject(a.Prefix, id), data)
	if err != nil {
		return err
	}
	var o outcome
	if err := json.Unmarshal(back, &o); err != nil {
		return err
	}
	switch {
	case o.Permanent:
		return driver.Permanent(errors.New(o.Error))
	case o.Error != "":
		return errors.New(o.Error)
	}
	return nil
}

// silence is how long an agent may say nothing before it counts as disconnected.
const silence = 30 * time.Second

// Watch gives the loop of a leader what agents report, until the context ends: their events, which are answered when
// they are durable, whether they are connected, and who they are. Member is the name of the leader.
func Watch(ctx context.Context, b bus.Bus, prefix, member string, loop *driver.Loop) error {
	events, err := b.Subscribe(eventSubject(prefix, member), func(data []byte) []byte {
		return observe(ctx, loop, data)
	})
	if err != nil {
		return fmt.Errorf("remote: %w", err)
	}
	defer events()
	hellos, err := b.Subscribe(helloSubject(prefix, member), func(data []byte) []byte {
		return welcome(ctx, loop, data)
	})
	if err != nil {
		return fmt.Errorf("remote: %w", err)
	}
	defer hellos()
	w := watch{loop: loop, seen: map[beat]time.Time{}, gone: map[beat]bool{}}
	if err := w.expect(ctx); err != nil {
		return fmt.Errorf("remote: %w", err)
	}
	beats, err := b.Subscribe(beatSubject(prefix), w.hear)
	if err != nil {
		return fmt.Errorf("remote: %w", err)
	}
	defer beats()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(silence / 6):
			w.look()
		}
	}
}

// observe tells the plane events, and answers when they are durable.
func observe(ctx context.Context, loop *driver.Loop, data []byte) []byte {
	var list []message.SealedEvent
	if json.Unmarshal(data, &list) != nil {
		return []byte("unreadable") // and will be the next time
	}
	if loop.Do(ctx, func(p *control.Plane, now time.Time) error {
		for _, ev := range list {
			if ev.Event != nil {
				p.Observe(now, ev.Event)
			}
		}
		return nil
	}) != nil {
		return nil // the agent tells the next leader
	}
	return []byte("durable")
}

// mostAgents is how many agents a leader watches.
const mostAgents = 100_000

// watch is what a leader knows of agents' beats.
type watch struct {
	loop *driver.Loop
	mu   sync.Mutex
	seen map[beat]time.Time
	gone map[beat]bool
}

// expect has the agents that are connected beat from now on.
func (w *watch) expect(ctx context.Context) error {
	var known []beat
	err := w.loop.Do(ctx, func(p *control.Plane, _ time.Time) (err error) {
		known, err = connected(p)
		return err
	})
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, from := range known {
		w.seen[from] = time.Now()
	}
	return err
}

// connected lists the instances whose agents are connected.
func connected(p *control.Plane) (all []beat, err error) {
	for clusters := (api.ListClustersInput{}); ; {
		page, err := p.ListClusters(clusters)
		if err != nil {
			return nil, err
		}
		for _, cluster := range page.Arns {
			if all, err = connectedIn(p, cluster, all); err != nil {
				return nil, err
			}
		}
		if clusters.NextToken = page.NextToken; page.NextToken == "" {
			return all, nil
		}
	}
}

// connectedIn adds the instances of a cluster whose agents are connected.
func connectedIn(p *control.Plane, cluster string, all []beat) ([]beat, error) {
	name := cluster[strings.LastIndexByte(cluster, '/')+1:]
	for in := (api.ListContainerInstancesInput{Cluster: cluster}); ; {
		page, err := p.ListContainerInstances(in)
		if err != nil || len(page.Arns) == 0 {
			return all, err
		}
		out, err := p.DescribeContainerInstances(api.DescribeContainerInstancesInput{Cluster: cluster,
			ContainerInstances: page.Arns})
		if err != nil {
			return all, err
		}
		for _, ci := range out.ContainerInstances {
			if ci.AgentConnected && len(all) < mostAgents {
				all = append(all, beat{name, ci.ID()})
			}
		}
		if in.NextToken = page.NextToken; page.NextToken == "" {
			return all, nil
		}
	}
}

func (w *watch) hear(data []byte) []byte {
	var from beat
	if json.Unmarshal(data, &from) != nil || from.Instance == "" {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, ok := w.seen[from]; !ok && len(w.seen) == mostAgents {
		return nil
	}
	if _, ok := w.seen[from]; !ok || w.gone[from] {
		w.tell(from, true)
	}
	w.seen[from] = time.Now()
	delete(w.gone, from)
	return nil
}

func (w *watch) look() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for from, at := range w.seen { //order:any agents are told of one by one
		if time.Since(at) > silence && !w.gone[from] {
			w.gone[from] = true
			w.tell(from, false)
		}
	}
}

func (w *watch) tell(of beat, connected bool) {
	w.loop.Notify(message.AgentConnectivity{Cluster: of.Cluster, Instance: of.Instance, Connected: connected})
}
