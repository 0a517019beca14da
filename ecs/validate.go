package ecs

// Validate reports every rule of RegisterTaskDefinition that the definition breaks, as an
// ErrorList in order of field path, or nil. The rules are today's; ValidateBy chooses.
func (d TaskDefinition) Validate() error { return d.ValidateBy(RuleSetCurrent) }

// ValidateBy is Validate by the rules of a named set.
func (d TaskDefinition) ValidateBy(rules RuleSet) error {
	v := &checker{checks: checks{code: ClientException}, d: &d, rules: rules}
	v.all()
	return v.faults.Err()
}

// checker gathers the faults of one task definition.
type checker struct {
	checks
	d     *TaskDefinition
	rules RuleSet
}

func (v *checker) all() {
	d := v.d
	if d.Family == "" {
		v.refuse("family", "Family should not be null or empty.")
	}
	if len(d.ContainerDefinitions) == 0 {
		v.refuse("containerDefinitions", "Container list cannot be empty")
	}
}

func (d TaskDefinition) requiredAttributes() []Attribute { return []Attribute{} }
func (d TaskDefinition) compatibleWith() []Compatibility {
	return []Compatibility{CompatibilityEC2}
}
