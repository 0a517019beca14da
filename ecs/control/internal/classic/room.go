// Package classic is the room of the control plane that keeps Classic Load Balancers. It knows no service and no task:
// the instances of a load balancer are in the room targets, in the book of its name.
package classic

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/loadbalance/elb"
)

// Config is what a Room is told once.
type Config struct {
	Core   *core.Core
	Groups *targets.Groups
	Region string

	// ZoneOfSubnet names each subnet's Availability Zone; a subnet that is not named has none.
	ZoneOfSubnet map[string]string
}

// Room has the Classic Load Balancers.
type Room struct {
	Config
	list []*LoadBalancer // in order of creation
}

// LoadBalancer is a Classic Load Balancer.
type LoadBalancer struct {
	Input       elb.CreateLoadBalancerInput `json:"input"`
	DNSName     string                      `json:"dnsName"`
	CreatedTime ecs.Instant                 `json:"createdTime"`
}

// mostBalancers is the quota. Source: Elastic Load Balancing, "Quotas for your Classic Load Balancer".
const mostBalancers = 20

// New returns a Room without load balancers.
func New(config Config) *Room { return &Room{Config: config} }

// State returns the load balancers in order of creation.
func (m *Room) State() []*LoadBalancer { return m.list }

// Restore puts those of a State into an empty room, whose books of targets are restored already.
func (m *Room) Restore(list []*LoadBalancer) { m.list = append(m.list, list...) }

// Check returns everything about the load balancers that contradicts itself.
func (m *Room) Check() (faults []error) {
	for _, b := range m.list {
		name := b.Input.LoadBalancerName
		if of, _ := m.Groups.Classic(name); of.LoadBalancerType != loadbalance.LoadBalancerTypeClassic {
			faults = append(faults, fmt.Errorf("the Classic Load Balancer %s has no book of its own", name))
		}
		if first, _ := m.named(name); first != b {
			faults = append(faults, fmt.Errorf("the Classic Load Balancer %s is there twice", name))
		}
	}
	return faults
}
