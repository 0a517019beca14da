// Package scaling is the room of the control plane in which services are scaled: scalable targets,
// their policies, scheduled actions and alarms, the metrics that these read, and forecasts.
//
// It knows no task and no instance. It sees a service through the interface Service.
package scaling

import (
	"fmt"
	"iter"
	"time"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/activities"
	"github.com/bayplan/bayplan/ecs/control/internal/alarms"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/deadlines"
	"github.com/bayplan/bayplan/ecs/control/internal/outbox"
	"github.com/bayplan/bayplan/ecs/message"
)

// Service is a service as its scaling sees it.
type Service interface {
	ClusterName() string
	Name() string
	Arn() string
	Active() bool
	Shown() ecs.Service           // as it is described
	Capacity() autoscale.Capacity // what it has, and what it wants
	SetDesired(n int)
	Target() *Target // nil: it is not a scalable target
	Own() *Target    // likewise, to be changed
	SetTarget(*Target)
}

// Config is what a Room is made with.
type Config struct {
	Core     *core.Core
	Outbox   *outbox.Outbox
	Services Services
	Alarms   *alarms.Room

	TasksPerService int  // scaling stops there
	PullMetrics     bool // ask for metrics by GetMetric commands
	Location        func(name string) (*time.Location, error)
}

// Services finds services.
type Services interface {
	Find(cluster, service string) (Service, bool) // by name or ARN
	ByArn(arn string) (Service, bool)
	All() iter.Seq[Service] // in the order in which they were created, cluster by cluster
}

// Room scales services.
type Room struct {
	Config
	Activities activities.Book
	kind       *deadlines.Kind
}

// New returns a room, which is registered with the timers.
func New(config Config, timers *deadlines.Timers) *Room {
	r := &Room{Config: config}
	r.kind = timers.Register(deadlines.Owner{Name: "scalable target", Due: r.due, Serve: r.serve, All: r.deadlines})
	return r
}

func (r *Room) due(arn string) (ecs.Instant, bool) {
	s, ok := r.Services.ByArn(arn)
	if !ok || s.Target() == nil {
		return 0, false
	}
	return s.Target().Wake, true
}

func (r *Room) serve(arn string) {
	if s, ok := r.Services.ByArn(arn); ok {
		r.evaluate(s)
	}
}

func (r *Room) deadlines() iter.Seq2[string, ecs.Instant] {
	return func(yield func(string, ecs.Instant) bool) {
		for s := range r.Services.All() {
			if c := s.Target(); c != nil && !yield(s.Arn(), c.Wake) {
				return
			}
		}
	}
}

// Restore sets the deadline of a service that was read from a state.
func (r *Room) Restore(s Service) {
	if c := s.Target(); c != nil && c.Wake != 0 {
		r.kind.Set(c.Wake, s.Arn())
	}
}

// evaluate serves the actions that are due and, once a full minute has come since the deadline was set, asks the
// policies. A world of real time serves a deadline some milliseconds late.
func (r *Room) evaluate(s Service) {
	c, now := s.Own(), r.Core.Now()
	minute := r.pending(c)
	c.Wake = 0
	for i := range c.Actions {
		if a := &c.Actions[i]; a.Due != 0 && a.Due <= now {
			r.act(s, a)
			a.Due = r.next(a.Action)
		}
	}
	if minute {
		r.fulfil(s)
		r.askPolicies(s)
		r.pull(s)
	}
	r.schedule(s)
}

// pending reports whether a full minute has come since the deadline was set, so that evaluate is about to ask the
// policies.
func (r *Room) pending(c *Target) bool {
	return c.Wake != 0 && r.Core.Now()/ecs.Instant(time.Minute) > (c.Wake-1)/ecs.Instant(time.Minute)
}

// act carries a scheduled action out. One that cannot be, because its bounds would cross, changes
// nothing, and says so.
func (r *Room) act(s Service, a *Action) {
	c := s.Own()
	bounds, decision, err := a.Action.Apply(a.Due.Time(), c.Target.Bounds(), s.Capacity())
	if err != nil {
		r.Core.Change(message.Change{Kind: message.ChangeScaling, Cluster: s.ClusterName(), Service: s.Name(),
			Text: fmt.Sprintf("scheduled action %s failed: %v", a.Action.ScheduledActionName, err)})
		return
	}
	c.Target.MinCapacity, c.Target.MaxCapacity = bounds.MinCapacity, bounds.MaxCapacity
	set := fmt.Sprintf("min capacity to %d and max capacity to %d", bounds.MinCapacity, bounds.MaxCapacity)
	r.Activities.Note(r.Core.Now(), c.Target, autoscale.ScalingActivity{
		Cause:         "scheduled action name " + a.Action.ScheduledActionName + " was triggered",
		Description:   "Setting " + set,
		StatusMessage: "Successfully set " + set, StatusCode: autoscale.ScalingActivitySuccessful})
	r.scale(s, decision, decision.ActivityCause(""))
}

// schedule sets when a target must be looked at: each full minute while it has policies or an activity is
// in progress, and when an action is due. A full minute that evaluate has not served yet is left to it.
func (r *Room) schedule(s Service) {
	c := s.Own()
	if r.pending(c) {
		return
	}
	c.Wake = 0
	if len(c.Policies) > 0 || c.Open != "" {
		c.Wake = r.Core.NextMinute()
	}
	for _, a := range c.Actions {
		if a.Due != 0 && (c.Wake == 0 || a.Due < c.Wake) {
			c.Wake = a.Due
		}
	}
	if c.Wake != 0 {
		r.kind.Set(c.Wake, s.Arn())
	}
}

// scale carries out a decision, for a cause.
func (r *Room) scale(s Service, d autoscale.Decision, cause string) {
	d.New = min(d.New, r.TasksPerService)
	if !d.Changes() {
		r.notScaled(s, d, cause)
		return
	}
	r.Core.Change(message.Change{Kind: message.ChangeScaling, Cluster: s.ClusterName(), Service: s.Name(),
		Status: fmt.Sprintf("%d → %d", d.Old, d.New), Text: d.String()})
	s.SetDesired(d.New)
	r.begin(s, d, cause)
}
