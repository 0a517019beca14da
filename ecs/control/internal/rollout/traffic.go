package rollout

import (
	"fmt"
	"strings"

	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// shiftTraffic sets the weights of the listener rules of a service's load balancers.
func (m *Room) shiftTraffic(s *services.Service, t scheduler.Traffic) {
	for i, lb := range s.Record.LoadBalancers {
		if lb.AdvancedConfiguration == nil {
			continue
		}
		rule := lb.AdvancedConfiguration.ProductionListenerRule
		if t.Listener == scheduler.ListenerTest {
			rule = lb.AdvancedConfiguration.TestListenerRule
		}
		if rule == "" {
			continue
		}
		weights := s.Weights(i, t)
		m.Core.Change(message.Change{Kind: message.ChangeTraffic, Cluster: s.Cluster.Record.ClusterName,
			Service: s.Record.ServiceName, Status: string(t.Listener), Text: weightText(weights)})
		m.Outbox.Issue(m.Targets.Complete(message.ModifyTraffic{ID: m.Outbox.Key("ModifyTraffic", rule), Rule: rule,
			Weights: weights}))
	}
}

func weightText(weights []message.TargetGroupWeight) string {
	parts := make([]string, len(weights))
	for i, w := range weights {
		parts[i] = fmt.Sprintf("%s %d", targets.GroupName(w.TargetGroupArn), w.Weight)
	}
	return strings.Join(parts, ", ")
}
