package targets

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/outbox"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/loadbalance/elbv2"
)

// Groups are the target groups as the API of Elastic Load Balancing has them, above the books of their targets. A
// group is in use while actions of a load balancer name it; so the books are told.
type Groups struct {
	Outbox *outbox.Outbox // of commands about targets that RegisterTargets adds

	books  *Books
	named  func(arn string) bool
	list   []*Group // in order of creation
	byArn  map[string]*Group
	byName map[string]*Group // those that are not deleted
}

// Group is what the books do not know of a target group.
type Group struct {
	TargetGroupArn string            `json:"targetGroupArn"`
	Port           int               `json:"port,omitzero"`
	VpcId          string            `json:"vpcId,omitzero"`
	IpAddressType  string            `json:"ipAddressType,omitzero"`
	Attributes     []elbv2.Attribute `json:"attributes,omitempty"` // that are kept and have no effect
	Tags           []elbv2.Tag       `json:"tags,omitempty"`
	Registered     []Registered      `json:"targets,omitempty"` // by RegisterTargets, in that order
	// Deleted is true of a group that is no longer there, while a service still names it or targets drain.
	Deleted bool `json:"deleted,omitzero"`

	on    string   // ARN of the load balancer whose actions name it; "": none's
	zones []string // of that load balancer; none: all
	uses  int      // how many actions name it
}

// NewGroups returns Groups above books. named reports whether a service or a task names a group: then its targets
// outlive it.
func NewGroups(books *Books, named func(arn string) bool) *Groups {
	return &Groups{books: books, named: named, byArn: map[string]*Group{}, byName: map[string]*Group{}}
}

// group finds a target group that is there: one that CreateTargetGroup made, or that was described to the plane.
func (m *Groups) group(arn string) (*Group, error) {
	if g, ok := m.byArn[arn]; ok && !g.Deleted {
		return g, nil
	}
	if g, ok := m.books.Group(arn); ok && g.TargetGroupArn == arn && m.byArn[arn] == nil {
		return &Group{TargetGroupArn: arn, Attributes: elbv2.KeptAttributes(g.Normalize())}, nil
	}
	return nil, elbv2.Fault(elbv2.TargetGroupNotFound, "TargetGroupArn", "One or more target groups not found")
}

// kept puts a group that was described to the plane among the others, if it is not there yet.
func (m *Groups) kept(g *Group) *Group {
	if old, ok := m.byArn[g.TargetGroupArn]; ok {
		return old
	}
	m.enter(g)
	return g
}

// Free returns a group that the actions of a load balancer may name. Errors are TargetGroupNotFound, and
// TargetGroupAssociationLimit for a group that another one's actions name.
func (m *Groups) Free(arn, balancer string) (loadbalance.TargetGroup, error) {
	g, err := m.group(arn)
	if err != nil {
		return loadbalance.TargetGroup{}, err
	}
	if g.on != "" && g.on != balancer {
		return loadbalance.TargetGroup{}, elbv2.Fault(elbv2.TargetGroupAssociationLimit, "",
			"The following target groups cannot be associated with more than one load balancer: '%s'", arn)
	}
	of, _ := m.books.Group(arn)
	return of, nil
}

// Use counts an action of a load balancer, which is in the zones, that names a group. One that is not there is
// passed over.
func (m *Groups) Use(arn, balancer string, zones []string) {
	g, err := m.group(arn)
	if err != nil {
		return // of a State: Check names it
	}
	g = m.kept(g)
	g.on, g.zones = balancer, zones
	if g.uses++; g.uses == 1 {
		m.books.attach(g)
	}
}

// Leave takes back what Use counted.
func (m *Groups) Leave(arn string) {
	g, ok := m.byArn[arn]
	if !ok {
		return // Use did not count it either
	}
	if g.uses--; g.uses == 0 {
		g.on, g.zones = "", nil
		m.books.attach(g)
	}
}

// Move tells the groups of a load balancer that it is in other zones.
func (m *Groups) Move(balancer string, zones []string) {
	for _, g := range m.list {
		if g.on == balancer {
			g.zones = zones
			m.books.attach(g)
		}
	}
}

// Tags returns where the tags of a group are; false if there is no such group.
func (m *Groups) Tags(arn string) (*[]elbv2.Tag, bool) {
	g, err := m.group(arn)
	if err != nil {
		return nil, false
	}
	return &g.Tags, true
}

// Keep puts a group that was described to the plane among the others, so that what is set of it stays.
func (m *Groups) Keep(arn string) {
	if g, err := m.group(arn); err == nil {
		m.kept(g)
	}
}

// Attached returns a description of a group with what the room knows better: whether a listener forwards to it, and
// in which zones.
func (m *Groups) Attached(of loadbalance.TargetGroup) loadbalance.TargetGroup {
	if g, ok := m.byArn[of.TargetGroupArn]; ok {
		of.NotInUse, of.AvailabilityZones = g.on == "", slices.Clone(g.zones)
	}
	return of
}

// Own reports whether the plane keeps the load balancers: then no service makes a group by naming it.
func (m *Groups) Own() bool { return m.books.config.Own }

// Named returns the group of that name: as it is described, or unless the plane keeps the load balancers, what it
// would be for a load balancer in the list.
func (m *Groups) Named(list []ecs.LoadBalancer, mode ecs.NetworkMode, name string) (loadbalance.TargetGroup, bool) {
	if !m.Own() {
		return m.books.Named(list, mode, name)
	}
	if g, ok := m.byArn[name]; ok && g.Deleted {
		return loadbalance.TargetGroup{}, false
	}
	return m.books.Group(name)
}

// State returns the groups in order of creation.
func (m *Groups) State() []*Group { return m.list }

// Restore adds groups from a state.
func (m *Groups) Restore(list []*Group) {
	for _, g := range list {
		m.enter(g)
	}
}

// Check compares the groups with what the actions of load balancers name: how often, and whose they are.
func (m *Groups) Check(uses map[string]int, on map[string]string, bad core.Complain) {
	names := 0
	for _, g := range m.list {
		arn := g.TargetGroupArn
		of, known := m.books.Group(arn)
		if !known || m.byArn[arn] != g || g.uses != uses[arn] || g.on != on[arn] || g.Deleted && g.uses > 0 {
			bad("target group %s is named by %d actions, counted %d times, deleted %t, has a book %t", arn, uses[arn],
				g.uses, g.Deleted, known)
		}
		if known && (of.NotInUse != (g.on == "") || !slices.Equal(of.AvailabilityZones, g.zones)) {
			bad("the book of target group %s does not know whether it has a load balancer, or in which zones", arn)
		}
		if !g.Deleted {
			names++
		}
	}
	for arn := range uses { //order:any the faults are sorted
		if m.byArn[arn] == nil {
			bad("target group %s is named by an action and is not there", arn)
		}
	}
	if names != len(m.byName) || len(m.list) != len(m.byArn) {
		bad("%d of %d target groups are found by name, %d of %d by ARN", len(m.byName), names, len(m.byArn),
			len(m.list))
	}
}

// pageSize is how many items an answer has, and may have.
// Source: Elastic Load Balancing API Reference, PageSize of each action.
const pageSize = 400

// mostGroups is how many target groups a Region may have.
// Source: Elastic Load Balancing, "Quotas for your Application Load Balancers".
const mostGroups = 3000

// Page returns the part of a list that a request asks for, and the marker of the next one. The list is in ascending
// order of key.
func Page[T any](list []T, marker string, size ecs.Opt[int], key func(T) string) ([]T, string, error) {
	if n := size.Or(pageSize); n < 1 || n > pageSize {
		return nil, "", elbv2.Fault(elbv2.ValidationError, "PageSize", "PageSize is between 1 and %d; it is %d.",
			pageSize, n)
	}
	part, next, err := core.Cut(list, marker, size.Or(pageSize), pageSize, key, false)
	if err != nil {
		return nil, "", elbv2.Fault(elbv2.ValidationError, "Marker", "Marker '%s' was not given by this action.",
			marker)
	}
	return part, next, nil
}
