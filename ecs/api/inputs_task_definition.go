package api

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// DescribeTaskDefinitionInput asks for a task definition, in the form of DescribeTaskDefinition.
type DescribeTaskDefinitionInput struct {
	TaskDefinition string   `json:"taskDefinition"` // family (latest ACTIVE), family:revision or ARN
	Include        []string `json:"include,omitzero"`
}

// Validate reports every rule of DescribeTaskDefinition that the input breaks.
func (in DescribeTaskDefinitionInput) Validate() error {
	c := &faults{}
	if c.Present("taskDefinition", in.TaskDefinition) {
		c.taskDefinitionRef(in.TaskDefinition)
	}
	c.include(in.Include, "TAGS")
	return c.err()
}

// DeregisterTaskDefinitionInput makes a revision INACTIVE, in the form of
// DeregisterTaskDefinition.
type DeregisterTaskDefinitionInput struct {
	TaskDefinition string `json:"taskDefinition"` // family:revision or ARN
}

// Validate reports every rule of DeregisterTaskDefinition that the input breaks.
func (in DeregisterTaskDefinitionInput) Validate() error {
	c := &faults{}
	if c.Present("taskDefinition", in.TaskDefinition) {
		c.revisionRef("taskDefinition", in.TaskDefinition)
	}
	return c.err()
}

// DeleteTaskDefinitionsInput deletes INACTIVE revisions, in the form of
// DeleteTaskDefinitions.
type DeleteTaskDefinitionsInput struct {
	TaskDefinitions []string `json:"taskDefinitions"` // 1 to 10 of family:revision or ARN
}

// Validate reports every rule of DeleteTaskDefinitions that the input breaks.
func (in DeleteTaskDefinitionsInput) Validate() error {
	c := &faults{}
	if len(in.TaskDefinitions) == 0 {
		c.Refuse("taskDefinitions", "taskDefinitions should not be null or empty.")
	}
	c.AtMost("taskDefinitions", len(in.TaskDefinitions), 10)
	for i, ref := range in.TaskDefinitions {
		c.revisionRef(check.Path("taskDefinitions", i), ref)
	}
	return c.err()
}

// revisionRef checks a reference that must name a revision.
func (c *faults) revisionRef(path, ref string) {
	c.definitionRef(path, ref)
	if _, revision, err := ecs.SplitTaskDefinition(ref); err == nil && revision == 0 {
		c.others = append(c.others, ecs.Fault(ecs.ClientException, path, "Revision is missing."))
	}
}

// ListTaskDefinitionsInput lists revisions, in the form of ListTaskDefinitions.
type ListTaskDefinitionsInput struct {
	FamilyPrefix string                   `json:"familyPrefix,omitzero"` // the family's whole name
	Status       ecs.TaskDefinitionStatus `json:"status,omitzero"`       // absent: ACTIVE
	Sort         string                   `json:"sort,omitzero"`         // ASC or DESC; absent: ASC
	NextToken    string                   `json:"nextToken,omitzero"`
	MaxResults   ecs.Opt[int]             `json:"maxResults,omitzero"` // 1 to 100; absent: 100
}

// Validate reports every rule of ListTaskDefinitions that the input breaks.
func (in ListTaskDefinitionsInput) Validate() error {
	c := &faults{}
	c.OneOf("status", choose(in.Status))
	if in.Sort != "" && in.Sort != "ASC" && in.Sort != "DESC" {
		c.Refuse("sort", "sort must be one of ASC, DESC; it is %q.", check.Shortened(in.Sort))
	}
	c.page(in.MaxResults)
	return c.err()
}

// ListTaskDefinitionFamiliesInput lists families, in the form of
// ListTaskDefinitionFamilies.
type ListTaskDefinitionFamiliesInput struct {
	FamilyPrefix string                         `json:"familyPrefix,omitzero"`
	Status       ecs.TaskDefinitionFamilyStatus `json:"status,omitzero"` // absent: ALL
	NextToken    string                         `json:"nextToken,omitzero"`
	MaxResults   ecs.Opt[int]                   `json:"maxResults,omitzero"` // 1 to 100; absent: 100
}

// Validate reports every rule of ListTaskDefinitionFamilies that the input breaks.
func (in ListTaskDefinitionFamiliesInput) Validate() error {
	c := &faults{}
	c.OneOf("status", choose(in.Status))
	c.page(in.MaxResults)
	return c.err()
}
