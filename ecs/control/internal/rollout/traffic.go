package rollout

import (
	"fmt"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// ShiftTraffic sets the weights of the listener rules of a service's load balancers.
func (m *Room) ShiftTraffic(s *services.Service, t scheduler.Traffic) {
	if s.CodeDeploy != nil {
		m.shiftListener(s, t)
		return
	}
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
		m.shiftRule(s, lb, rule, weights, t.Green)
		m.shifted(s, t, rule, weights)
	}
}

// shifted has the world shift the weights of a rule or a listener, and says so.
func (m *Room) shifted(s *services.Service, t scheduler.Traffic, rule string, weights []message.TargetGroupWeight) {
	m.Core.Change(message.Change{Kind: message.ChangeTraffic, Cluster: s.Cluster.Record.ClusterName,
		Service: s.Record.ServiceName, Status: string(t.Listener), Text: weightText(weights)})
	m.Outbox.Issue(m.Targets.Complete(message.ModifyTraffic{ID: m.Outbox.Key("ModifyTraffic", rule), Rule: rule,
		Weights: weights, Listener: m.Balancers.Listener(rule)}))
}

// shiftListener sets the weights of the listener of a deployment group of AWS CodeDeploy.
func (m *Room) shiftListener(s *services.Service, t scheduler.Traffic) {
	listener := s.CodeDeploy.Production
	if t.Listener == scheduler.ListenerTest {
		listener = s.CodeDeploy.Test
	}
	weights := s.Weights(0, t)
	if listener == "" || len(weights) == 0 {
		return
	}
	blue := weights[0].TargetGroupArn
	m.shiftRule(s, ecs.LoadBalancer{TargetGroupArn: blue, AdvancedConfiguration: &ecs.AdvancedConfiguration{
		AlternateTargetGroupArn: blue}}, listener, weights, t.Green)
	m.shifted(s, t, listener, weights)
}

// shiftRule sets the weights of a rule that the plane has. Where it keeps the load balancers, and the rule is gone or
// cannot forward to the groups, the service says so.
func (m *Room) shiftRule(
	s *services.Service, lb ecs.LoadBalancer, rule string, weights []message.TargetGroupWeight, green int,
) {
	if len(weights) == 0 {
		return
	}
	to := weights[len(weights)-1].TargetGroupArn
	from := lb.TargetGroupArn
	if from == to {
		from = lb.AdvancedConfiguration.AlternateTargetGroupArn
	}
	if err := m.Balancers.Shift(rule, from, to, green); err != nil && m.Balancers.Groups.Own() {
		m.Services.Say(s, fmt.Sprintf("(service %s) was unable to modify the weights of listener rule %s. Reason: %v",
			s.Record.ServiceName, rule, err))
	}
}

func weightText(weights []message.TargetGroupWeight) string {
	parts := make([]string, len(weights))
	for i, w := range weights {
		parts[i] = fmt.Sprintf("%s %d", targets.GroupName(w.TargetGroupArn), w.Weight)
	}
	return strings.Join(parts, ", ")
}
