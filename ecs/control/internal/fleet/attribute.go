package fleet

import (
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
)

// PutAttributes sets custom attributes of instances: ten of an instance at most. Nothing is set if one of
// them cannot be.
func (m *Room) PutAttributes(in api.PutAttributesInput) ([]ecs.Attribute, error) {
	return m.changeAttributes(in.Cluster, in.Attributes, in.Validate(),
		func(list []ecs.Attribute, a ecs.Attribute) []ecs.Attribute {
			list = slices.DeleteFunc(list, func(b ecs.Attribute) bool { return b.Name == a.Name })
			return append(list, ecs.Attribute{Name: a.Name, Value: a.Value})
		})
}

// DeleteAttributes removes attributes of instances by name.
func (m *Room) DeleteAttributes(in api.DeleteAttributesInput) ([]ecs.Attribute, error) {
	return m.changeAttributes(in.Cluster, in.Attributes, in.Validate(),
		func(list []ecs.Attribute, a ecs.Attribute) []ecs.Attribute {
			return slices.DeleteFunc(list, func(b ecs.Attribute) bool { return b.Name == a.Name })
		})
}

const maxCustomAttributes = 10

func (m *Room) changeAttributes(
	cluster string, attributes []ecs.Attribute, invalid error,
	apply func([]ecs.Attribute, ecs.Attribute) []ecs.Attribute,
) ([]ecs.Attribute, error) {
	if invalid != nil {
		return nil, invalid
	}
	c, err := m.Cluster(cluster)
	if err != nil {
		return nil, err
	}
	next := map[*Instance][]ecs.Attribute{}
	var order []*Instance
	for _, a := range attributes {
		i, ok := c.ByInstance[ecs.InstanceID(core.NameOf(a.TargetID))]
		if !ok || i.Record.Status == ecs.ContainerInstanceStatusInactive {
			return nil, core.Fault(ecs.TargetNotFoundException, "attributes",
				"The container instance %s was not found.", a.TargetID)
		}
		if _, seen := next[i]; !seen {
			next[i] = slices.Clone(i.Record.Attributes)
			order = append(order, i)
		}
		next[i] = apply(next[i], a)
	}
	for _, i := range order {
		if n := customAttributes(next[i]); n > maxCustomAttributes && n > customAttributes(i.Record.Attributes) {
			return nil, core.Fault(ecs.AttributeLimitExceededException, "attributes",
				"Container instance %s would have %d custom attributes; the most is %d.", i.ID(), n,
				maxCustomAttributes)
		}
	}
	for _, i := range order {
		i.Hold()
		i.Record.Attributes = next[i]
		i.Record = m.shared.Share(i.Record, m.spare())
		i.Record.Version++
		m.reindex(i)
		m.moved(i)
		m.Grew(c)
	}
	return slices.Clone(attributes), nil
}

func customAttributes(list []ecs.Attribute) int {
	n := 0
	for _, a := range list {
		if !strings.HasPrefix(a.Name, "ecs.") && !strings.HasPrefix(a.Name, "com.amazonaws.") {
			n++
		}
	}
	return n
}
