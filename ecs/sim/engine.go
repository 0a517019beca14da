package sim

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	machine "github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/lifecycle"
)

// simulated is a container in the simulated engine.
type simulated struct {
	agent *agent
	task  *machine.Task
	i     int
}

func (r simulated) definition() ecs.ContainerDefinition {
	return r.task.Command().TaskDefinition.ContainerDefinitions[r.i]
}

// carryOut has the engine do what the agent wants.
func (r simulated) carryOut(e machine.Effect) {
	w, i, d := r.agent.world, r.i, r.definition()
	b := w.config.Images[d.Image]
	switch e.Kind {
	case lifecycle.EffectPullImage:
		r.later(0, func() lifecycle.Event { return lifecycle.PullStarted(w.now, i) })
		r.later(b.pullDelay(), func() lifecycle.Event {
			if why := cmp.Or(b.PullError, r.refusal(d, b)); why != "" {
				return lifecycle.PullFailed(w.now, i, "CannotPullContainerError: "+why)
			}
			return lifecycle.Pulled(w.now, i)
		})
	case lifecycle.EffectCreateContainer:
		r.later(200*time.Millisecond, func() lifecycle.Event { return lifecycle.ContainerCreated(w.now, i) })
	case lifecycle.EffectStartContainer:
		r.start(int(e.Number), b)
	case lifecycle.EffectStopContainer:
		if !b.IgnoreSIGTERM {
			r.later(b.stopDelay(), func() lifecycle.Event {
				return lifecycle.ContainerExited(w.now, i, int(e.Number), 0)
			})
		}
	case lifecycle.EffectKillContainer:
		r.later(100*time.Millisecond, func() lifecycle.Event {
			return lifecycle.ContainerExited(w.now, i, int(e.Number), 137)
		})
	case lifecycle.EffectCheckHealth:
		ok := b.Health == "" || b.Health == ecs.HealthStatusHealthy
		r.later(w.config.Times.CheckReply, func() lifecycle.Event {
			return lifecycle.HealthChecked(w.now, i, int(e.Number), ok)
		})
	}
}

// refusal says why a registry does not hand out an image, "" if it does.
func (r simulated) refusal(d ecs.ContainerDefinition, b Behaviour) string {
	if refuse := r.agent.world.refuse; refuse != nil {
		if why := refuse(d.Image); why != "" {
			return why
		}
	}
	switch {
	case !b.Private:
		return ""
	case r.task.Command().TaskDefinition.ExecutionRoleArn == "":
		return "pull access denied for " + d.Image + ": the task has no execution role"
	case !strings.Contains(d.Image, ".dkr.ecr.") && d.RepositoryCredentials == nil:
		return "pull access denied for " + d.Image +
			", repository does not exist or may require authorization: no basic auth credentials"
	}
	return ""
}

func (r simulated) start(number int, b Behaviour) {
	w, i := r.agent.world, r.i
	if b.StartError != "" {
		r.later(b.startDelay(), func() lifecycle.Event {
			return lifecycle.ContainerFailed(w.now, i, "CannotStartContainerError: "+b.StartError)
		})
		return
	}
	r.later(b.startDelay(), func() lifecycle.Event { return lifecycle.ContainerStarted(w.now, i, number) })
	switch {
	case b.ExitAfter > 0:
		r.later(b.startDelay()+b.ExitAfter, func() lifecycle.Event {
			return lifecycle.ContainerExited(w.now, i, number, b.ExitCode)
		})
	case r.awaited():
		r.later(b.startDelay()+time.Second, func() lifecycle.Event {
			return lifecycle.ContainerExited(w.now, i, number, 0)
		})
	}
}

// awaited reports whether another container waits for the end of this one.
func (r simulated) awaited() bool {
	name, all := r.definition().Name, r.task.Command().TaskDefinition.ContainerDefinitions
	return slices.ContainsFunc(all, func(c ecs.ContainerDefinition) bool {
		return slices.ContainsFunc(c.DependsOn, func(d ecs.ContainerDependency) bool {
			return d.ContainerName == name && (d.Condition == ecs.ContainerConditionComplete ||
				d.Condition == ecs.ContainerConditionSuccess)
		})
	})
}

func (r simulated) later(d time.Duration, ev func() lifecycle.Event) {
	r.agent.world.after(d, func() { r.agent.observe(r.task.Command().Task, ev()) })
}
