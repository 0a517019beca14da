package control

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// LaunchRates are the quotas on how fast services may launch tasks; the zero value sets none.
// Tasks beyond them start when the tokens come (Ready.WakeAt). RunTask and StartTask neither
// wait for tokens nor take any.
type LaunchRates struct {
	Service scheduler.LaunchRate `json:"service,omitzero"` // of each service
	Fargate scheduler.LaunchRate `json:"fargate,omitzero"` // of all services' tasks on Fargate together
}

// QuotaLaunchRates returns ECS's quotas in a large Region: 500 tasks a minute a service, and
// on Fargate 100 tasks at once and 20 a second an account.
// Source: Amazon ECS Developer Guide, "Amazon ECS service quotas"; AWS General Reference,
// "AWS Fargate endpoints and quotas".
func QuotaLaunchRates() LaunchRates {
	return LaunchRates{
		Service: scheduler.LaunchRate{Burst: 500, Refill: 500, Every: time.Minute},
		Fargate: scheduler.LaunchRate{Burst: 100, Refill: 20, Every: time.Second},
	}
}

// launches returns how many tasks of a service may start now. Services that wait for the same
// tokens of the account are served in order of their ARNs.
func (p *Plane) launches(s *service) scheduler.Launches {
	rates := p.config.LaunchRates
	l := rates.Service.Launches(s.Launched, p.core.Now().Time())
	if s.deploysOnFargate() {
		l = l.With(rates.Fargate.Launches(p.fargate, p.core.Now().Time()))
	}
	return l
}

// launched takes a task of a service out of the buckets.
func (p *Plane) launched(s *service, t *task) {
	rates := p.config.LaunchRates
	s.Launched = rates.Service.Take(s.Launched, p.core.Now().Time(), 1)
	if t.LaunchType == ecs.LaunchTypeFargate {
		p.fargate = rates.Fargate.Take(p.fargate, p.core.Now().Time(), 1)
	}
}

// deploysOnFargate reports whether a deployment of the service runs on Fargate.
func (s *service) deploysOnFargate() bool {
	for _, r := range s.State.Rollouts {
		if ecs.OnFargate(r.LaunchType, r.CapacityProviderStrategy) {
			return true
		}
	}
	return false
}
