package sim

import (
	"cmp"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/internal/check"
	"github.com/bayplan/bayplan/loadbalance"
)

// Config is the configuration of a world. The zero Config is a calm world: nothing is lost, and every
// container runs until it is stopped.
type Config struct {
	Seed  uint64         `json:"seed,omitzero"`
	Start time.Time      `json:"start,omitzero"` // zero: 2026-01-01 00:00 UTC
	Plane control.Config `json:"plane,omitzero"` // its Seed is ignored: the world's Seed replaces it
	// how containers behave, by image; the zero Behaviour for other images
	Images map[string]Behaviour `json:"images,omitzero"`
	Faults Faults               `json:"faults,omitzero"`
	Times  Times                `json:"times,omitzero"`

	// Timeline is how many changes a world keeps for Changes, the newest; 0: 100,000.
	Timeline int `json:"timeline,omitzero"`

	// Digest keeps a digest of the commands for World.Digest. That takes a tenth of the time of a task.
	Digest bool `json:"digest,omitzero"`
}

// Behaviour is how the containers of one image behave. The zero value pulls in three
// seconds, starts in one, passes its health checks, stops one second after SIGTERM with
// code 0, and does not end by itself unless another container waits for its end.
type Behaviour struct {
	PullDelay     time.Duration     `json:"pullDelay,omitzero"`  // 0: 3 s
	PullError     string            `json:"pullError,omitzero"`  // the pull fails with this reason
	StartDelay    time.Duration     `json:"startDelay,omitzero"` // 0: 1 s
	StartError    string            `json:"startError,omitzero"` // the start fails with this reason
	ExitAfter     time.Duration     `json:"exitAfter,omitzero"`  // 0: never by itself
	ExitCode      int               `json:"exitCode,omitzero"`   // of that exit, 0 to 255
	StopDelay     time.Duration     `json:"stopDelay,omitzero"`  // from SIGTERM to the exit; 0: 1 s
	IgnoreSIGTERM bool              `json:"ignoreSigterm,omitzero"`
	Health        ecs.HealthStatus  `json:"health,omitzero"`       // of its health check: HEALTHY ("") or UNHEALTHY
	TargetHealth  loadbalance.State `json:"targetHealth,omitzero"` // of its targets: healthy ("") or unhealthy
	ServeDelay    time.Duration     `json:"serveDelay,omitzero"`   // from its start until its targets can be healthy

	// Private refuses pulls without an execution role and, from other registries than
	// Amazon ECR, without the container's repositoryCredentials.
	Private bool `json:"private,omitzero"`
	// RequestsPerMinute is how many requests keep a container's CPU fully busy; 0: 1,000.
	RequestsPerMinute int `json:"requestsPerMinute,omitzero"`
}

// Validate returns nil, or an InvalidParameterException at the JSON name of each field with a fault: a
// negative time or number, an exit code above 255, a health that does not exist.
func (b Behaviour) Validate() error {
	var f check.Faults
	for _, d := range []struct {
		field string
		time.Duration
	}{{"pullDelay", b.PullDelay}, {"startDelay", b.StartDelay}, {"exitAfter", b.ExitAfter},
		{"stopDelay", b.StopDelay}, {"serveDelay", b.ServeDelay}} {
		if d.Duration < 0 {
			f.Refuse(d.field, "%s must not be negative; it is %v.", d.field, d.Duration)
		}
	}
	f.Between("exitCode", b.ExitCode, 0, 255)
	if b.RequestsPerMinute < 0 {
		f.Refuse("requestsPerMinute", "requestsPerMinute must not be negative; it is %d.", b.RequestsPerMinute)
	}
	if !slices.Contains([]ecs.HealthStatus{"", ecs.HealthStatusHealthy, ecs.HealthStatusUnhealthy}, b.Health) {
		f.Refuse("health", "health must be HEALTHY or UNHEALTHY; it is %q.", check.Shortened(string(b.Health)))
	}
	if !slices.Contains([]loadbalance.State{"", loadbalance.StateHealthy, loadbalance.StateUnhealthy}, b.TargetHealth) {
		f.Refuse("targetHealth", "targetHealth must be healthy or unhealthy; it is %q.",
			check.Shortened(string(b.TargetHealth)))
	}
	return ecs.Faults(ecs.InvalidParameterException, f.Pairs())
}

// Times are how long the world takes to do things. A field that is zero means its default.
type Times struct {
	Message   time.Duration `json:"message,omitzero"`   // a message between plane and world; 0: 100 ms
	ENI       time.Duration `json:"eni,omitzero"`       // attach or detach an interface; 0: 5 s
	Volume    time.Duration `json:"volume,omitzero"`    // make and attach a volume, or detach it; 0: 10 s
	Register  time.Duration `json:"register,omitzero"`  // register or deregister a target; 0: 1 s
	Discovery time.Duration `json:"discovery,omitzero"` // change a service registry; 0: 1 s
	Hook      time.Duration `json:"hook,omitzero"`      // answer a hook; 0: 1 s
	// from a lost message to the agent's next full report; 0: 30 s
	Report time.Duration `json:"report,omitzero"`
	// from an Auto Scaling group's decision to an instance that has joined; 0: 90 s
	Boot       time.Duration `json:"boot,omitzero"`
	Reboot     time.Duration `json:"reboot,omitzero"`     // from an instance's end to its agent's next life; 0: 1 min
	CheckReply time.Duration `json:"checkReply,omitzero"` // of a health check; 0: 200 ms
}

func (t Times) withDefaults() Times {
	return Times{
		Message: cmp.Or(t.Message, 100*time.Millisecond), ENI: cmp.Or(t.ENI, 5*time.Second),
		Volume:    cmp.Or(t.Volume, 10*time.Second),
		Register:  cmp.Or(t.Register, time.Second),
		Discovery: cmp.Or(t.Discovery, time.Second), Hook: cmp.Or(t.Hook, time.Second),
		Report: cmp.Or(t.Report, 30*time.Second),
		Boot:   cmp.Or(t.Boot, 90*time.Second), Reboot: cmp.Or(t.Reboot, time.Minute),
		CheckReply: cmp.Or(t.CheckReply, 200*time.Millisecond),
	}
}

// Faults are the rates, between 0 and 1, at which messages and commands fail. Each message is drawn
// independently, from the seed.
type Faults struct {
	Loss     float64       `json:"loss,omitzero"`     // a message never arrives
	Repeat   float64       `json:"repeat,omitzero"`   // it arrives twice
	Delay    float64       `json:"delay,omitzero"`    // it comes late, by up to MaxDelay: messages overtake each other
	MaxDelay time.Duration `json:"maxDelay,omitzero"` // 0: 20 s
	Fail     float64       `json:"fail,omitzero"`     // a command fails and may be retried
}

func (b Behaviour) pullDelay() time.Duration  { return cmp.Or(b.PullDelay, 3*time.Second) }
func (b Behaviour) startDelay() time.Duration { return cmp.Or(b.StartDelay, time.Second) }
func (b Behaviour) stopDelay() time.Duration  { return cmp.Or(b.StopDelay, time.Second) }
