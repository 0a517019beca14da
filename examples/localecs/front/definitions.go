package front

import (
	"encoding/json"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
)

func definitionOperations() table {
	type P = *control.Plane
	return table{
		"RegisterTaskDefinition": change(func(p P, now time.Time, d ecs.TaskDefinition) (any, error) {
			registered, err := p.RegisterTaskDefinition(now, d)
			return object{"taskDefinition": definition(registered), "tags": notNil(registered.Tags)}, err
		}),
		"DescribeTaskDefinition": read(func(p P, in api.DescribeTaskDefinitionInput) (any, error) {
			out, err := p.DescribeTaskDefinition(in)
			answer := object{"taskDefinition": definition(out.TaskDefinition)}
			if out.Tags != nil {
				answer["tags"] = out.Tags
			}
			return answer, err
		}),
		"DeregisterTaskDefinition": change(func(p P, now time.Time, in api.DeregisterTaskDefinitionInput) (any, error) {
			d, err := p.DeregisterTaskDefinition(now, in)
			return object{"taskDefinition": definition(d)}, err
		}),
		"DeleteTaskDefinitions": change(func(p P, now time.Time, in api.DeleteTaskDefinitionsInput) (any, error) {
			out, err := p.DeleteTaskDefinitions(now, in)
			list := []definition{}
			for _, d := range out.TaskDefinitions {
				list = append(list, definition(d))
			}
			return object{"taskDefinitions": list, "failures": notNil(out.Failures)}, err
		}),
		"ListTaskDefinitions":        read(P.ListTaskDefinitions),
		"ListTaskDefinitionFamilies": read(P.ListTaskDefinitionFamilies),
	}
}

// definition is a task definition as AWS prints it: a container that reserves no CPU has a cpu
// of 0, and tags stand next to the definition.
type definition ecs.TaskDefinition

// MarshalJSON is json.Marshaler's.
func (d definition) MarshalJSON() ([]byte, error) {
	b := []byte(`{"containerDefinitions":[`)
	for i, c := range d.ContainerDefinitions {
		data, err := json.Marshal(c)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b = append(b, ',')
		}
		if c.CPU == 0 {
			b = append(b, `{"cpu":0,`...)
			data = data[1:]
		}
		b = append(b, data...)
	}
	d.ContainerDefinitions, d.Tags = nil, nil
	rest, err := json.Marshal(ecs.TaskDefinition(d))
	if err != nil {
		return nil, err
	}
	return append(append(b, "],"...), rest[1:]...), nil
}
