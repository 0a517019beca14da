package control

import (
	"time"

	"github.com/bayplan/bayplan/ecs/scheduler"
)

// LaunchRates are the quotas on how fast services may launch tasks; the zero value sets none. Tasks
// beyond the quotas start when tokens are there again (Ready.WakeAt). RunTask and StartTask neither
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
