package control

import (
	"cmp"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
)

// ListAttributes lists the attributes of a cluster's instances, in order of instance and
// name: those of the given name, and value, or all.
// Source: Amazon ECS API Reference, ListAttributes.
func (p *Plane) ListAttributes(in api.ListAttributesInput) (api.ListAttributesOutput, error) {
	if err := in.Validate(); err != nil {
		return api.ListAttributesOutput{}, err
	}
	c, err := p.fleet.Cluster(in.Cluster)
	if err != nil {
		return api.ListAttributesOutput{}, err
	}
	list := []ecs.Attribute{}
	for _, i := range c.Instances {
		if i.Record.Status == ecs.ContainerInstanceStatusInactive {
			continue
		}
		for _, a := range i.Record.Attributes {
			if (in.AttributeName == "" || a.Name == in.AttributeName) &&
				(in.AttributeValue == "" || a.Value == in.AttributeValue) {
				list = append(list,
					ecs.Attribute{Name: a.Name, Value: a.Value, TargetType: ecs.TargetTypeContainerInstance,
						TargetID: i.Record.ContainerInstanceArn})
			}
		}
	}
	key := func(a ecs.Attribute) string { return a.TargetID + "\x00" + a.Name }
	slices.SortFunc(list, func(a, b ecs.Attribute) int { return cmp.Compare(key(a), key(b)) })
	list, token, err := core.Cut(list, in.NextToken, in.MaxResults.Or(maxPage), maxPage, key, false)
	return api.ListAttributesOutput{Attributes: list, NextToken: token}, err
}
