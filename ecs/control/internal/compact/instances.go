package compact

import (
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/alike"
)

// Shared is what instances that are alike have one of: their lists of attributes and of resources, and what
// their agents are.
type Shared struct {
	attributes *alike.Lists[ecs.Attribute]
	resources  *alike.Lists[ecs.Resource]
	versions   map[ecs.VersionInfo]*ecs.VersionInfo
}

// NewShared returns a Shared of no instances.
func NewShared() Shared {
	return Shared{
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

// Share returns an instance's record with the lists of those that are like it, which nobody changes. At most so many
// of each are kept.
func (s *Shared) Share(r ecs.ContainerInstance, most int) ecs.ContainerInstance {
	r.Attributes = s.attributes.One(r.Attributes, most)
	r.RegisteredResources = s.resources.One(r.RegisteredResources, most)
	if r.VersionInfo == nil {
		return r
	}
	one, ok := s.versions[*r.VersionInfo]
	if !ok {
		if len(s.versions) >= most {
			clear(s.versions)
		}
		version := *r.VersionInfo
		one = &version
		s.versions[version] = one
	}
	r.VersionInfo = one
	return r
}
