package ecs

// PlacementConstraint is a rule that an instance must satisfy to take a task.
type PlacementConstraint struct {
	Type       PlacementConstraintType `json:"type"`
	Expression string                  `json:"expression,omitzero"` // memberOf: the cluster query language
	extra
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
