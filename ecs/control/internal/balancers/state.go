package balancers

import "github.com/bayplan/bayplan/ecs/control/internal/targets"

// State is what a plane's State keeps of the room.
type State struct {
	LoadBalancers []*LoadBalancer  `json:"loadBalancers,omitempty"`
	TargetGroups  []*targets.Group `json:"targetGroups,omitempty"`
}

// State returns what the room has.
func (m *Room) State() State {
	return State{LoadBalancers: m.balancers, TargetGroups: m.Groups.State()}
}

// Restore puts what a State has into an empty room, whose books of targets are restored already. What contradicts
// itself there Check finds.
func (m *Room) Restore(balancers []*LoadBalancer, groups []*targets.Group) {
	m.Groups.Restore(groups)
	for _, b := range balancers {
		m.enter(b)
	}
}
