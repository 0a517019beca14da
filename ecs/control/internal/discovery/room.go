// Package discovery is the room of the control plane that is AWS Cloud Map: namespaces, services, and the instances
// that Amazon ECS or a caller of the API registers. It knows no task but by its ID.
//
// Everything is carried out at once, so that each operation has succeeded when it has an ID.
package discovery

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	sd "github.com/bayplan/bayplan/ecs/servicediscovery"
)

// The most that there is of everything. Source: AWS Cloud Map Developer Guide, "AWS Cloud Map service quotas", for
// namespaces and instances.
const (
	mostNamespaces = 50
	mostServices   = 1_000 // of all namespaces together
	mostInstances  = 1_000 // of a service, besides those of tasks
	mostOperations = 1_000 // the newest are kept
)

// Config is what a Room is told once.
type Config struct {
	Core    *core.Core
	Account string

	// Unhealthy reports whether the task of an instance is known to be unhealthy.
	Unhealthy func(ecs.TaskID) bool
}

// Room is AWS Cloud Map.
type Room struct {
	config Config
	state  State

	namespaces map[string]*Namespace // by ID
	byName     map[string][]*Namespace
	services   map[string]*Service // by ID
	operations map[string]sd.Operation
}

// State is what the room remembers.
type State struct {
	IDs        uint64         `json:"ids,omitzero"` // how many were made
	Namespaces []*Namespace   `json:"namespaces,omitzero"`
	Operations []sd.Operation `json:"operations,omitzero"` // oldest first
}

// Namespace is a namespace with its services, in order of creation.
type Namespace struct {
	Record   sd.Namespace `json:"namespace"`
	Tags     []sd.Tag     `json:"tags,omitzero"`
	Services []*Service   `json:"services,omitzero"`
	byName   map[string]*Service
}

// Service is a service with its instances, in order of registration.
type Service struct {
	Record    sd.Service  `json:"service"`
	Tags      []sd.Tag    `json:"tags,omitzero"`
	Revision  int64       `json:"revision"` // grows with each change of an instance
	Instances []*Instance `json:"instances,omitzero"`
	Gone      int         `json:"-"` // places of Instances that are nil
	byID      map[string]int
	in        *Namespace
}

// Instance is an instance.
type Instance struct {
	Record sd.Instance     `json:"instance"`
	Task   ecs.TaskID      `json:"task,omitzero"`   // of Amazon ECS
	Custom sd.HealthStatus `json:"custom,omitzero"` // what was reported of it
}

// New returns a Room without namespaces.
func New(config Config) *Room {
	return &Room{config: config, namespaces: map[string]*Namespace{}, byName: map[string][]*Namespace{},
		services: map[string]*Service{}, operations: map[string]sd.Operation{}}
}

// id returns an ID that no other has: its digits and letters follow from how many there were.
func (m *Room) id(letters int) string {
	m.state.IDs++
	id := strings.ReplaceAll(core.NameBasedID("discovery", fmt.Sprint(m.state.IDs)), "-", "")
	return id[:letters]
}

func (m *Room) now() ecs.Instant { return m.config.Core.Now() }

func (m *Room) arn(resource string) string { return m.config.Core.ARN("servicediscovery", resource) }

// done notes an operation that has succeeded, and returns its ID.
func (m *Room) done(kind, target, id string) sd.OperationIDOutput {
	o := sd.Operation{ID: m.id(32) + "-" + m.id(8), OwnerAccount: m.config.Account, Type: kind, Status: "SUCCESS",
		CreateDate: m.now(), UpdateDate: m.now(), Targets: map[string]string{target: id}}
	m.state.Operations = append(m.state.Operations, o)
	m.operations[o.ID] = o
	if over := len(m.state.Operations) - 2*mostOperations; over > 0 { // half of them go at once
		for _, old := range m.state.Operations[:mostOperations] {
			delete(m.operations, old.ID)
		}
		m.state.Operations = slices.Clone(m.state.Operations[mostOperations:])
	}
	return sd.OperationIDOutput{OperationID: o.ID}
}

// State returns what the room remembers; nil if that is nothing.
func (m *Room) State() *State {
	if m.state.IDs == 0 {
		return nil
	}
	for _, s := range m.services { //order:any each by itself
		s.compact()
	}
	s := m.state
	return &s
}

// Restore takes a state.
func (m *Room) Restore(s *State) error {
	if s == nil {
		return nil
	}
	m.state = *s
	for _, n := range s.Namespaces {
		if n == nil {
			return fmt.Errorf("discovery: a namespace is null")
		}
		m.enter(n)
		for _, service := range n.Services {
			if service == nil || slices.Contains(service.Instances, nil) {
				return fmt.Errorf("discovery: a service or an instance of %s is null", n.Record.ID)
			}
			m.enterService(n, service)
		}
	}
	for _, o := range s.Operations {
		m.operations[o.ID] = o
	}
	return nil
}

func (m *Room) enter(n *Namespace) {
	n.byName = map[string]*Service{}
	m.namespaces[n.Record.ID] = n
	m.byName[n.Record.Name] = append(m.byName[n.Record.Name], n)
}

func (m *Room) enterService(n *Namespace, s *Service) {
	s.in, s.byID = n, map[string]int{}
	n.byName[strings.ToLower(s.Record.Name)] = s
	m.services[s.Record.ID] = s
	for i, instance := range s.Instances {
		s.byID[instance.Record.ID] = i
	}
}

// compact closes the gaps that instances have left.
func (s *Service) compact() {
	if s.Gone == 0 {
		return
	}
	s.Instances = slices.DeleteFunc(s.Instances, func(i *Instance) bool { return i == nil })
	s.Gone = 0
	for at, i := range s.Instances {
		s.byID[i.Record.ID] = at
	}
}

// Check returns everything in the room that contradicts itself.
func (m *Room) Check() (faults []error) {
	complain := func(format string, args ...any) {
		faults = append(faults, fmt.Errorf("discovery: "+format, args...))
	}
	services := 0
	for _, n := range m.state.Namespaces {
		if m.namespaces[n.Record.ID] != n {
			complain("namespace %s is not found by its ID", n.Record.ID)
		}
		services += len(n.Services)
		for _, s := range n.Services {
			if m.services[s.Record.ID] != s || n.byName[strings.ToLower(s.Record.Name)] != s || s.in != n {
				complain("service %s is not found by its ID and name", s.Record.ID)
			}
			if len(s.byID) != len(s.Instances)-s.Gone {
				complain("service %s has %d instances by ID, and %d", s.Record.ID, len(s.byID),
					len(s.Instances)-s.Gone)
			}
		}
	}
	if len(m.namespaces) != len(m.state.Namespaces) || len(m.services) != services {
		complain("%d namespaces and %d services by ID, and %d and %d", len(m.namespaces), len(m.services),
			len(m.state.Namespaces), services)
	}
	return faults
}
