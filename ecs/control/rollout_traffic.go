package control

import (
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// shiftTraffic sets the weights of the listener rules of a service's load balancers.
func (m *rolloutRoom) shiftTraffic(s *service, t scheduler.Traffic) {
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
		weights := s.weights(i, t)
		m.core.Change(message.Change{Kind: message.ChangeTraffic, Cluster: s.cluster.Record.ClusterName,
			Service: s.Record.ServiceName, Status: string(t.Listener), Text: weightText(weights)})
		m.outbox.Issue(m.targets.Complete(message.ModifyTraffic{ID: m.outbox.Key("ModifyTraffic", rule), Rule: rule,
			Weights: weights}))
	}
}
