package control

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
)

// RegisterTaskDefinition checks a task definition and gives it the next revision of its
// family. The errors are those of registry.Registry.Register.
// Source: Amazon ECS API Reference, RegisterTaskDefinition.
func (p *Plane) RegisterTaskDefinition(now time.Time, d ecs.TaskDefinition) (ecs.TaskDefinition, error) {
	return request(p, now, "RegisterTaskDefinition", d, func(d ecs.TaskDefinition) (ecs.TaskDefinition, error) {
		return p.registry.Register(p.core.Now().Time(), d)
	})
}

// DescribeTaskDefinition returns a revision: "family" is the latest ACTIVE one,
// "family:revision" and ARNs name one. The answer has its tags, if they are included.
// Source: Amazon ECS API Reference, DescribeTaskDefinition.
func (p *Plane) DescribeTaskDefinition(in api.DescribeTaskDefinitionInput) (api.DescribeTaskDefinitionOutput, error) {
	if err := in.Validate(); err != nil {
		return api.DescribeTaskDefinitionOutput{}, err
	}
	d, err := p.registry.Resolve(in.TaskDefinition)
	out := api.DescribeTaskDefinitionOutput{TaskDefinition: d}
	if core.Included(in.Include, "TAGS") {
		out.Tags = d.Tags
	}
	out.TaskDefinition.Tags = nil
	return out, err
}

// DeregisterTaskDefinition makes a revision INACTIVE. Tasks of it go on, and services that use it
// may still scale; no new task or service may use it. Source: Amazon ECS API Reference,
// DeregisterTaskDefinition.
func (p *Plane) DeregisterTaskDefinition(
	now time.Time, in api.DeregisterTaskDefinitionInput,
) (ecs.TaskDefinition, error) {
	return request(p, now, "DeregisterTaskDefinition", in,
		func(in api.DeregisterTaskDefinitionInput) (ecs.TaskDefinition, error) {
			if err := in.Validate(); err != nil {
				return ecs.TaskDefinition{}, err
			}
			return p.registry.Deregister(p.core.Now().Time(), in.TaskDefinition)
		})
}

// DeleteTaskDefinitions starts the deletion of INACTIVE revisions. One that cannot be
// deleted is a Failure; the others are.
// Source: Amazon ECS API Reference, DeleteTaskDefinitions.
func (p *Plane) DeleteTaskDefinitions(
	now time.Time, in api.DeleteTaskDefinitionsInput,
) (api.DeleteTaskDefinitionsOutput, error) {
	return request(p, now, "DeleteTaskDefinitions", in, p.deleteTaskDefinitions)
}

func (p *Plane) deleteTaskDefinitions(in api.DeleteTaskDefinitionsInput) (api.DeleteTaskDefinitionsOutput, error) {
	out := api.DeleteTaskDefinitionsOutput{TaskDefinitions: []ecs.TaskDefinition{}, Failures: []ecs.Failure{}}
	if err := in.Validate(); err != nil {
		return out, err
	}
	for _, ref := range in.TaskDefinitions {
		d, err := p.registry.Delete(p.core.Now().Time(), ref)
		if err != nil {
			out.Failures = append(out.Failures, ecs.Failure{Arn: ref, Reason: failureReason(err)})
			continue
		}
		out.TaskDefinitions = append(out.TaskDefinitions, d)
	}
	return out, nil
}

// failureReason is the sentence of a failure that stands for an error.
func failureReason(err error) string {
	for e := range ecs.Errors(err) {
		return e.Message
	}
	return err.Error()
}

// ListTaskDefinitions lists the ARNs of revisions in the given status, of one family or of all.
// They are in order of family and number; with sort DESC in the reverse of it. Source: Amazon ECS
// API Reference, ListTaskDefinitions.
func (p *Plane) ListTaskDefinitions(in api.ListTaskDefinitionsInput) (api.ListTaskDefinitionsOutput, error) {
	if err := in.Validate(); err != nil {
		return api.ListTaskDefinitionsOutput{}, err
	}
	status := cmp.Or(in.Status, ecs.TaskDefinitionStatusActive)
	arns := []string{}
	for _, name := range p.registry.Families("", ecs.TaskDefinitionFamilyStatusAll) {
		if in.FamilyPrefix != "" && name != in.FamilyPrefix {
			continue
		}
		for _, d := range p.registry.Revisions(name) {
			if d.Status == status {
				arns = append(arns, d.TaskDefinitionArn)
			}
		}
	}
	descending := in.Sort == "DESC"
	if descending {
		slices.Reverse(arns)
	}
	arns, token, err := core.Cut(
		arns,
		in.NextToken,
		in.MaxResults.Or(core.MaxPage),
		core.MaxPage,
		revisionKey,
		descending,
	)
	return api.ListTaskDefinitionsOutput{TaskDefinitionArns: arns, NextToken: token}, err
}

// revisionKey orders the ARNs of revisions by family and then by number.
func revisionKey(arn string) string {
	family, revision, _ := strings.Cut(core.NameOf(arn), ":")
	return fmt.Sprintf("%s\x00%10s", family, revision)
}

// ListTaskDefinitionFamilies lists the families whose names start with a prefix, in order:
// ACTIVE ones have an ACTIVE revision.
// Source: Amazon ECS API Reference, ListTaskDefinitionFamilies.
func (p *Plane) ListTaskDefinitionFamilies(
	in api.ListTaskDefinitionFamiliesInput,
) (api.ListTaskDefinitionFamiliesOutput, error) {
	if err := in.Validate(); err != nil {
		return api.ListTaskDefinitionFamiliesOutput{}, err
	}
	families, next, err := core.Page(p.registry.Families(in.FamilyPrefix, in.Status), in.NextToken, in.MaxResults)
	return api.ListTaskDefinitionFamiliesOutput{Families: families, NextToken: next}, err
}
