package ecs

import "encoding/json"

// PlacementConstraint is a rule that an instance must satisfy to take a task.
type PlacementConstraint struct {
	Type       PlacementConstraintType `json:"type"`
	Expression string                  `json:"expression,omitzero"` // memberOf: the cluster query language
	extra
}

// emptyExpression is what a constraint keeps that came with an expression, but an empty one.
const emptyExpression = `"expression":""`

// UnmarshalJSON reads a constraint. It remembers an expression that is given and empty: for
// distinctInstance the service refuses that too.
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

// CapacityProviderStrategyItem is one provider's part of a capacity provider strategy.
type CapacityProviderStrategyItem struct {
	CapacityProvider string `json:"capacityProvider"`
	Weight           int    `json:"weight"` // 0 to 1000
	Base             int    `json:"base"`   // 0 to 100,000
}
