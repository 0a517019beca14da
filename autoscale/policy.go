package autoscale

import (
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/whole"
)

// Policy decides how much capacity a scalable target should have. Decide is pure: it returns all that it
// remembers in the Memory, and gets it back in the next call. It is called once a minute, as CloudWatch
// repeats an alarm's scaling action. A decision ignores the bounds; Combine applies them, and then
// Memory.Took updates the memory of every policy.
type Policy interface {
	Decide(mem Memory, now time.Time, c Capacity, m cloudwatch.Series) (Decision, Memory)
}

// DefaultCooldown is the cooldown of a policy for an ECS service that does not set one.
// Source: Application Auto Scaling API Reference, StepScalingPolicyConfiguration.
const DefaultCooldown = 300 * time.Second

// DefaultUnfulfilled is how long an activity may take before cooldowns stop waiting for it.
const DefaultUnfulfilled = 30 * time.Minute

// Cooldowns are the times that a policy waits after its target was scaled, in seconds. They
// count from when the activity is complete.
type Cooldowns struct {
	ScaleOutCooldown ecs.Opt[int] `json:"ScaleOutCooldown,omitzero"` // absent: 300
	ScaleInCooldown  ecs.Opt[int] `json:"ScaleInCooldown,omitzero"`  // absent: 300
	// Unfulfilled is the time after which an activity that the service never completes no
	// longer keeps scale-in back; absent: 1800. AWS documents that activities become
	// Unfulfilled, not when.
	Unfulfilled ecs.Opt[int] `json:"Unfulfilled,omitzero"`
}

func (c Cooldowns) cooldown() cooldown {
	return cooldown{
		out:         seconds(c.ScaleOutCooldown, DefaultCooldown),
		in:          seconds(c.ScaleInCooldown, DefaultCooldown),
		unfulfilled: seconds(c.Unfulfilled, DefaultUnfulfilled),
	}
}

func seconds(o ecs.Opt[int], absent time.Duration) time.Duration {
	if s, ok := o.Get(); ok {
		return whole.Seconds(s)
	}
	return absent
}
