package crew

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// Steady waits until a service has one deployment, which is complete, and meets a condition. The error says why it does
// not when the patience is over.
func (p Plane) Steady(ctx context.Context, name string, patience time.Duration, also func(ecs.Service) bool) error {
	last := ""
	for end := time.Now().Add(patience); ; {
		sv, err := p.Service(ctx, name)
		if err == nil && len(sv.Deployments) == 1 && sv.RunningCount == sv.DesiredCount && sv.PendingCount == 0 &&
			sv.Deployments[0].RolloutState == ecs.DeploymentRolloutStateCompleted && also(sv) {
			return nil
		}
		if err == nil && len(sv.Events) > 0 {
			last = sv.Events[0].Message
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if time.Now().After(end) {
			return errors.Join(fmt.Errorf("the service is not steady after %s: %d of %d tasks run; its last event: %s",
				patience, sv.RunningCount, sv.DesiredCount, last), err)
		}
		if err := Sleep(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}
