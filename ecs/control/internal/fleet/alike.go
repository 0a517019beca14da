package fleet

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/alike"
)

// shared is what instances that are alike have one of: their lists of attributes and of resources, and what
// their agents are.
type shared struct {
	attributes *alike.Lists[ecs.Attribute]
	resources  *alike.Lists[ecs.Resource]
	versions   map[ecs.VersionInfo]*ecs.VersionInfo
}

func newShared() shared {
	return shared{
		attributes: alike.New(func(h alike.Hash, a ecs.Attribute) alike.Hash {
			return h.Text(a.Name).Text(a.Value).Text(string(a.TargetType)).Text(a.TargetID)
		}, func(a, b ecs.Attribute) bool { return a == b }),
		resources: alike.New(func(h alike.Hash, r ecs.Resource) alike.Hash {
			h = h.Text(r.Name).Text(r.Type).Number(uint64(r.IntegerValue)).Number(uint64(r.LongValue))
			for _, s := range r.StringSetValue {
				h = h.Text(s)
			}
			return h
		}, sameResource),
		versions: map[ecs.VersionInfo]*ecs.VersionInfo{},
	}
}

func sameResource(a, b ecs.Resource) bool {
	return a.Name == b.Name && a.Type == b.Type && a.DoubleValue == b.DoubleValue && a.LongValue == b.LongValue &&
		a.IntegerValue == b.IntegerValue && (a.StringSetValue == nil) == (b.StringSetValue == nil) &&
		slices.Equal(a.StringSetValue, b.StringSetValue)
}

// share gives an instance's record the lists of those that are like it. Nobody changes them.
func (m *Room) share(r *ecs.ContainerInstance) {
	most := m.spare()
	r.Attributes = m.shared.attributes.One(r.Attributes, most)
	r.RegisteredResources = m.shared.resources.One(r.RegisteredResources, most)
	if r.VersionInfo == nil {
		return
	}
	one, ok := m.shared.versions[*r.VersionInfo]
	if !ok {
		if len(m.shared.versions) >= most {
			clear(m.shared.versions)
		}
		version := *r.VersionInfo
		one = &version
		m.shared.versions[version] = one
	}
	r.VersionInfo = one
}
