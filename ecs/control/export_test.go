package control

import (
	"bytes"
	"fmt"
	"reflect"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/frames"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/feasible"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/lifecycle"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/placement"
)

// ServeAtATime sets how much work a Tick does.
func (p *Plane) ServeAtATime(most int) { p.timers.Most = most }

// Idle returns nil if nothing in the plane would do anything at the time at; it asks every
// machine itself, and not the timers.
func (p *Plane) Idle(at time.Time) error {
	for _, c := range p.fleet.Clusters {
		for t := range p.tasks.In(c) {
			effects, next, err := t.Program.Step(nil, t.Lifecycle(), lifecycle.Tick(at))
			if err == nil && (len(effects) > 0 || next != t.Lifecycle()) {
				return fmt.Errorf("task %s would go from %s to %s with %v", t.ID, t.Machine.Last, next.Last, effects)
			}
			if t.Forget != 0 && t.Forget <= ecs.At(at) {
				return fmt.Errorf("task %s would be forgotten", t.ID)
			}
		}
		for _, s := range p.services.In(c) {
			if s.Record.Status == ecs.ServiceStatusInactive {
				continue
			}
			view, err := p.rollout.View(s)
			if err != nil {
				return err
			}
			view.CapacityChanged = false
			if plan := scheduler.Reconcile(view, at); !plan.Empty() {
				return fmt.Errorf("service %s would do %+v", s.Record.ServiceName, plan)
			}
		}
	}
	for _, g := range p.targets.State() {
		book, err := loadbalance.RestoreTargets(g)
		if err != nil {
			return err
		}
		if due, ok := book.NextExpiry(); ok && !due.After(at) {
			return fmt.Errorf("a target of %s would expire", g.Group.Name())
		}
	}
	for _, o := range p.outbox.Pending() {
		if o.Wake <= ecs.At(at) {
			return fmt.Errorf("command %s would be issued again", o.Command.Key())
		}
	}
	return nil
}

// Watch begins to keep what a snapshot keeps, and returns what lists the container instances, services, tasks and
// commands that have changed since then although nobody held them before. No snapshot is being taken.
func (p *Plane) Watch() (changed func() []string) {
	format, _ := snapshotFormat()
	text := func(v any) []byte {
		w := &frames.Writer{}
		format.Write(w, reflect.ValueOf(v))
		return w.Bytes()
	}
	var names []string
	var differs []func() bool
	watch := func(name string, now []byte, was func() []byte) {
		names = append(names, name)
		differs = append(differs, func() bool { return !bytes.Equal(now, was()) })
	}
	p.fleet.Keep()
	p.tasks.Keep()
	p.outbox.Keep()
	p.services.Keep(func(s *services.Service) []byte { return text(s) })
	for _, c := range p.fleet.Clusters {
		for _, i := range c.Instances {
			was := func() []byte { return text(p.fleet.Was(i).Document()) }
			watch("instance "+string(i.ID()), text(i.Document()), was)
		}
		for _, s := range p.services.In(c) {
			watch("service "+s.Record.ServiceName, text(s), func() []byte {
				if was, held := p.services.Was(s); held {
					return was
				}
				return text(s)
			})
		}
		for t := range p.tasks.In(c) {
			watch("task "+string(t.ID), text(t.Document()), func() []byte { return text(p.tasks.Was(t).Document()) })
		}
	}
	for _, o := range p.outbox.Pending() {
		watch("command "+o.Command.Key().String(), text(o), func() []byte { return text(p.outbox.Was(o)) })
	}
	return func() (changed []string) {
		for i, differ := range differs {
			if differ() {
				changed = append(changed, names[i])
			}
		}
		return changed
	}
}

// Verdict says whether the deployment of a service can end, by what its scheduler is shown.
func (p *Plane) Verdict(clusterRef, ref string) (feasible.Verdict, error) {
	c, err := p.fleet.Cluster(clusterRef)
	if err != nil {
		return feasible.Verdict{}, err
	}
	s, err := p.services.Service(c, ref)
	if err != nil {
		return feasible.Verdict{}, err
	}
	requests := map[string]placement.Request{}
	for _, r := range s.State.Rollouts {
		if requests[r.ID], err = p.rollout.RequestFor(s, r.ID); err != nil {
			return feasible.Verdict{}, err
		}
	}
	view, err := p.rollout.View(s)
	if err != nil {
		return feasible.Verdict{}, err
	}
	return feasible.Deployment(view, c.Index.Snapshot(), requests)
}

// HalfDone is a request that panics halfway.
func (p *Plane) HalfDone(now time.Time) {
	_, _ = request(p, now, "HalfDone", struct{}{}, func(struct{}) (struct{}, error) {
		p.outbox.Key("StartTask", "half")
		p.core.Change(message.Change{Text: "half"})
		panic("half done")
	})
}

// Misplace turns a service into one that no request makes: its tasks go to Fargate, whatever its
// scheduling strategy. A daemon then never has the task that it wants on each instance.
func (p *Plane) Misplace(cluster, name string) {
	s, _ := p.services.Find(p.fleet.ByCluster[cluster], name)
	for i := range s.State.Rollouts {
		s.State.Rollouts[i].LaunchType, s.State.Rollouts[i].CapacityProviderStrategy = ecs.LaunchTypeFargate, nil
	}
}
