package targets

import (
	"slices"

	"github.com/bayplan/bayplan/loadbalance"
)

// MakeClassic makes the group of a Classic Load Balancer, or describes the one that a service made by naming it.
func (m *Groups) MakeClassic(in loadbalance.TargetGroup) error {
	return m.books.Put(in, func(loadbalance.TargetGroup) error { return nil })
}

// Classic returns the group of a Classic Load Balancer and its targets, in order of ID and port.
func (m *Groups) Classic(name string) (loadbalance.TargetGroup, []loadbalance.Target) {
	g, ok := m.books.byName[name]
	if !ok {
		return loadbalance.TargetGroup{}, nil
	}
	return g.book.Group(), slices.Collect(g.book.All())
}
