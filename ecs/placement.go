package ecs

import (
	"encoding/json"

	"github.com/bayplan/bayplan/ecs/query"
	"github.com/bayplan/bayplan/internal/check"
)

// PlacementConstraint is a rule that an instance must satisfy to take a task.
type PlacementConstraint struct {
	Type       PlacementConstraintType `json:"type"`
	Expression string                  `json:"expression,omitzero"` // memberOf: the cluster query language
	extra
}

// emptyExpression is what a constraint keeps that came with an expression, but an empty one.
const emptyExpression = `"expression":""`

// UnmarshalJSON reads a constraint, and remembers an expression that is there and empty: distinctInstance
// refuses that.
func (p *PlacementConstraint) UnmarshalJSON(data []byte) error {
	type plain PlacementConstraint
	var v plain
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	var given struct {
		Expression *string `json:"expression"`
	}
	if err := json.Unmarshal(data, &given); err != nil {
		return err
	}
	*p = PlacementConstraint(v)
	if given.Expression != nil && *given.Expression == "" {
		p.keep(emptyExpression)
	}
	return nil
}

// PlacementStrategy orders the instances that could take a task.
type PlacementStrategy struct {
	Type  PlacementStrategyType `json:"type"`
	Field string                `json:"field,omitzero"` // binpack: cpu or memory; spread: instanceId, host or attribute:NAME
}

// CapacityProviderStrategyItem is the share of one capacity provider.
type CapacityProviderStrategyItem struct {
	CapacityProvider string `json:"capacityProvider"`
	Weight           int    `json:"weight"` // 0 to 1000
	Base             int    `json:"base"`   // 0 to 100,000
}

// MaxPlacementConstraints is how many constraints a task has at most, those of its task definition
// included. Source: Amazon ECS API Reference, RunTask.
const MaxPlacementConstraints = 10

// Validate returns what is wrong with the constraint, as an ErrorList of InvalidParameterException, or
// nil. Task definitions take memberOf only.
func (p PlacementConstraint) Validate() error {
	c := &checks{code: InvalidParameterException}
	switch p.Type {
	case PlacementConstraintTypeDistinctInstance:
		if p.Expression != "" || p.members == emptyExpression {
			c.Refuse("expression", "distinctInstance expression should not be specified.")
		}
	case PlacementConstraintTypeMemberOf:
		if p.Expression == "" {
			c.Refuse("expression", "A memberOf constraint needs an expression.")
		} else if _, err := query.Parse(p.Expression); err != nil {
			c.Refuse("expression", "Invalid expression %q: %v", check.Shortened(p.Expression), err)
		}
	default:
		if c.Present("type", string(p.Type)) {
			c.OneOf("type", choose(p.Type))
		}
	}
	return c.err()
}
