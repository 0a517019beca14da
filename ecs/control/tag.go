package control

import (
	"errors"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
)

// TagResource sets tags of a cluster, service, task, container instance, task definition or
// capacity provider; a key that is there gets the new value.
// Source: Amazon ECS API Reference, TagResource.
func (p *Plane) TagResource(now time.Time, in api.TagResourceInput) error {
	return accept(p, now, "TagResource", in, func(in api.TagResourceInput) error {
		if err := in.Validate(); err != nil {
			return err
		}
		return p.changeTags(in.ResourceArn, func(list []ecs.Tag) ([]ecs.Tag, error) {
			if list = core.JoinTags(list, in.Tags); len(list) > maxTags {
				return nil, core.Fault(ecs.InvalidParameterException, "tags",
					"A resource may have at most %d tags; these would be %d.", maxTags, len(list))
			}
			return list, nil
		})
	})
}

const maxTags = 50

// UntagResource removes tags by key.
// Source: Amazon ECS API Reference, UntagResource.
func (p *Plane) UntagResource(now time.Time, in api.UntagResourceInput) error {
	return accept(p, now, "UntagResource", in, func(in api.UntagResourceInput) error {
		if err := in.Validate(); err != nil {
			return err
		}
		return p.changeTags(in.ResourceArn, func(list []ecs.Tag) ([]ecs.Tag, error) {
			return slices.DeleteFunc(list, func(o ecs.Tag) bool { return slices.Contains(in.TagKeys, o.Key) }), nil
		})
	})
}

// changeTags gives a resource the tags that change makes of a copy of its own.
func (p *Plane) changeTags(arn string, change func([]ecs.Tag) ([]ecs.Tag, error)) error {
	tags, keep, err := p.tags(arn)
	if err != nil {
		return err
	}
	next, err := change(slices.Clone(tags))
	if err != nil {
		return err
	}
	return keep(next)
}

// ListTagsForResource returns a resource's tags.
// Source: Amazon ECS API Reference, ListTagsForResource.
func (p *Plane) ListTagsForResource(in api.ListTagsForResourceInput) ([]ecs.Tag, error) {
	if err := in.Validate(); err != nil {
		return nil, err
	}
	tags, _, err := p.tags(in.ResourceArn)
	if errors.Is(err, ecs.ResourceNotFoundException) { // which this operation does not have
		err = core.Fault(ecs.InvalidParameterException, "resourceArn", "The specified resource %s was not found.",
			in.ResourceArn)
	}
	return slices.Clone(tags), err
}

// tags returns a resource's tags, and how to keep others.
func (p *Plane) tags(arn string) (tags []ecs.Tag, keep func([]ecs.Tag) error, err error) {
	a, err := ecs.ParseARN(arn)
	if err != nil {
		return nil, nil, err
	}
	of := func(list *[]ecs.Tag) ([]ecs.Tag, func([]ecs.Tag) error, error) {
		return *list, func(next []ecs.Tag) error { *list = next; return nil }, nil
	}
	switch a.Type {
	case ecs.ARNTypeTaskDefinition:
		d, err := p.registry.Resolve(arn)
		if err != nil {
			return nil, nil, noResource(arn)
		}
		return d.Tags, func(next []ecs.Tag) error { return p.registry.SetTags(arn, next) }, nil
	case ecs.ARNTypeCapacityProvider:
		if c, ok := p.capacity.Provider(arn); ok {
			return of(&c.Record.Tags)
		}
		return nil, nil, noResource(arn)
	}
	c, ok := p.fleet.ByCluster[a.Cluster()]
	if !ok {
		return nil, nil, core.Fault(ecs.ClusterNotFoundException, "resourceArn", "Cluster not found.")
	}
	switch a.Type {
	case ecs.ARNTypeCluster:
		if c.Record.Status == ecs.ClusterStatusInactive {
			return nil, nil, inactive("cluster")
		}
		return of(&c.Record.Tags)
	case ecs.ARNTypeService:
		if s, ok := p.services.Find(c, core.NameOf(arn)); ok {
			if s.Record.Status == ecs.ServiceStatusInactive {
				return nil, nil, inactive("service")
			}
			return s.Record.Tags, func(next []ecs.Tag) error { s.Hold(); s.Record.Tags = next; return nil }, nil
		}
	case ecs.ARNTypeContainerInstance:
		if i, ok := c.ByInstance[ecs.InstanceID(core.NameOf(arn))]; ok {
			i.Hold()
			return of(&i.Record.Tags)
		}
	case ecs.ARNTypeTask:
		if t, ok := p.tasks.ByTask[ecs.TaskID(core.NameOf(arn))]; ok {
			return t.Tags, func(next []ecs.Tag) error { p.tasks.Retag(t, next); return nil }, nil
		}
	}
	return nil, nil, noResource(arn)
}

// noResource is the fault of an ARN that names nothing.
func noResource(arn string) error {
	return core.Fault(ecs.ResourceNotFoundException, "resourceArn", "The specified resource %s was not found.", arn)
}

// inactive is the fault of tags that are put on what was deleted.
func inactive(kind string) error {
	return core.Fault(ecs.InvalidParameterException, "resourceArn",
		"The specified %s is inactive. Specify an active %s and try again.", kind, kind)
}
