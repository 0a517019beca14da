package front

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
)

// definitionFilter is the input of the two lists of task definitions.
type definitionFilter struct {
	paging
	FamilyPrefix string `json:"familyPrefix"`
	Status       string `json:"status"`
	Sort         string `json:"sort"`
}

func definitionOperations() map[string]operation {
	type P = *control.Plane
	type one struct {
		TaskDefinition string   `json:"taskDefinition"`
		Include        []string `json:"include"`
	}
	type many struct {
		TaskDefinitions []string `json:"taskDefinitions"`
	}
	return map[string]operation{
		"RegisterTaskDefinition": change(func(p P, now time.Time, d ecs.TaskDefinition) (any, error) {
			registered, err := p.RegisterTaskDefinition(now, d)
			return definitionWithTags(registered), err
		}),
		"DescribeTaskDefinition": read(func(p P, in one) (any, error) {
			d, err := p.DescribeTaskDefinition(in.TaskDefinition)
			if slices.Contains(in.Include, tagsIncluded) {
				return definitionWithTags(d), err
			}
			d.Tags = nil
			return object{"taskDefinition": d}, err
		}),
		"DeregisterTaskDefinition": change(func(p P, now time.Time, in one) (any, error) {
			d, err := p.DeregisterTaskDefinition(now, in.TaskDefinition)
			d.Tags = nil
			return object{"taskDefinition": d}, err
		}),
		"DeleteTaskDefinitions": change(func(p P, now time.Time, in many) (any, error) {
			out, err := p.DeleteTaskDefinitions(now, in.TaskDefinitions)
			for i := range out.TaskDefinitions {
				out.TaskDefinitions[i].Tags = nil
			}
			return object{"taskDefinitions": notNil(out.TaskDefinitions), "failures": notNil(out.Failures)}, err
		}),
		"ListTaskDefinitions":        read(listTaskDefinitions),
		"ListTaskDefinitionFamilies": read(listFamilies),
	}
}

// definitionWithTags puts a definition's tags beside it, where the API has them.
func definitionWithTags(d ecs.TaskDefinition) object {
	tags := notNil(d.Tags)
	d.Tags = nil
	return object{"taskDefinition": d, "tags": tags}
}

func listTaskDefinitions(p *control.Plane, in definitionFilter) (any, error) {
	if err := oneOf("status", in.Status, "", "ACTIVE", "INACTIVE", "DELETE_IN_PROGRESS"); err != nil {
		return nil, err
	}
	if err := oneOf("sort", in.Sort, "", "ASC", "DESC"); err != nil {
		return nil, err
	}
	arns := p.ListTaskDefinitions(in.FamilyPrefix, ecs.TaskDefinitionStatus(in.Status))
	descending := in.Sort == "DESC"
	if descending {
		slices.Reverse(arns)
	}
	list, token, err := cut(arns, in.paging, 100, descending, revisionKey)
	return paged("taskDefinitionArns", list, token, err)
}

// revisionKey orders the ARNs of revisions by family and then by number.
func revisionKey(arn string) string {
	name := arn[strings.LastIndexByte(arn, '/')+1:]
	family, revision, _ := strings.Cut(name, ":")
	n, _ := strconv.Atoi(revision)
	return fmt.Sprintf("%s\x00%010d", family, n)
}

func listFamilies(p *control.Plane, in definitionFilter) (any, error) {
	if err := oneOf("status", in.Status, "", "ACTIVE", "INACTIVE", "ALL"); err != nil {
		return nil, err
	}
	list, token, err := cut(p.ListTaskDefinitionFamilies(in.FamilyPrefix, ecs.TaskDefinitionFamilyStatus(in.Status)), in.paging, 100, false, itself)
	return paged("families", list, token, err)
}

func oneOf(field, value string, known ...string) error {
	if slices.Contains(known, value) {
		return nil
	}
	return ecs.Fault(ecs.InvalidParameterException, field, fmt.Sprintf("%s must be one of %s; it is %q.", field, strings.TrimLeft(strings.Join(known, ", "), ", "), value))
}
