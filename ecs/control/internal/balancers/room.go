// Package balancers is the room of the control plane that keeps load balancers with their listeners and rules. It
// knows no service and no task. The target groups that actions name are in the room targets, which is told who names
// them.
package balancers

import (
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/targets"
	"github.com/bayplan/bayplan/loadbalance/elbv2"
)

// Config is what a Room is told once.
type Config struct {
	Core   *core.Core
	Groups *targets.Groups
	Region string

	// ZoneOfSubnet names each subnet's Availability Zone; a subnet that is not named has none.
	ZoneOfSubnet map[string]string
}

// Room has the load balancers.
type Room struct {
	Config
	balancers []*LoadBalancer // in order of creation
	byArn     map[string]*LoadBalancer
	byName    map[string]*LoadBalancer
	listeners map[string]*Listener
	rules     map[string]*Rule // the default ones too
}

// LoadBalancer is a load balancer with its listeners.
type LoadBalancer struct {
	Record     elbv2.LoadBalancer `json:"loadBalancer"`
	Attributes []elbv2.Attribute  `json:"attributes,omitempty"`
	Tags       []elbv2.Tag        `json:"tags,omitempty"`
	Listeners  []*Listener        `json:"listeners,omitempty"` // in order of creation
}

// Listener is a listener with its rules. What it does by default is its default rule's.
type Listener struct {
	Record     elbv2.Listener    `json:"listener"`
	Attributes []elbv2.Attribute `json:"attributes,omitempty"`
	Tags       []elbv2.Tag       `json:"tags,omitempty"`
	Default    *Rule             `json:"defaultRule"`
	Rules      []*Rule           `json:"rules,omitempty"` // in order of priority

	on *LoadBalancer
}

// Rule is a rule of a listener.
type Rule struct {
	RuleArn    string                `json:"ruleArn"`
	Priority   int                   `json:"priority,omitzero"` // of the default rule, 0
	Conditions []elbv2.RuleCondition `json:"conditions,omitempty"`
	Action     elbv2.Action          `json:"action"`
	Tags       []elbv2.Tag           `json:"tags,omitempty"`

	of *Listener
}

// New returns a Room without load balancers.
func New(config Config) *Room {
	return &Room{Config: config, byArn: map[string]*LoadBalancer{}, byName: map[string]*LoadBalancer{},
		listeners: map[string]*Listener{}, rules: map[string]*Rule{}}
}

// id returns 16 hexadecimal digits, the form of IDs in ARNs.
func (m *Room) id() string { return m.Core.HexID()[:16] }
