package balancers

import (
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance/elbv2"
)

// tags returns where the tags of a resource are. The error has the code of its type.
func (m *Room) tags(arn string) (*[]elbv2.Tag, error) {
	switch {
	case m.byArn[arn] != nil:
		return &m.byArn[arn].Tags, nil
	case m.listeners[arn] != nil:
		return &m.listeners[arn].Tags, nil
	case m.rules[arn] != nil:
		return &m.rules[arn].Tags, nil
	}
	if tags, ok := m.Groups.Tags(arn); ok {
		return tags, nil
	}
	for _, t := range []struct {
		kind, things string
		code         ecs.Code
	}{{":listener-rule/", "rules", elbv2.RuleNotFound}, {":listener/", "listeners", elbv2.ListenerNotFound},
		{":targetgroup/", "target groups", elbv2.TargetGroupNotFound},
		{":loadbalancer/", "load balancers", elbv2.LoadBalancerNotFound}} {
		if strings.Contains(arn, t.kind) {
			return nil, elbv2.Fault(t.code, "ResourceArns", "One or more %s not found", t.things)
		}
	}
	return nil, elbv2.Fault(elbv2.ValidationError, "ResourceArns", "'%s' is not a valid load balancer ARN", arn)
}

// tagged changes the tags of resources, all or none.
func (m *Room) tagged(arns []string, change func([]elbv2.Tag) ([]elbv2.Tag, error)) error {
	next := make([][]elbv2.Tag, len(arns))
	for i, arn := range arns {
		tags, err := m.tags(arn)
		if err != nil {
			return err
		}
		if next[i], err = change(*tags); err != nil {
			return err
		}
	}
	for i, arn := range arns {
		m.Groups.Keep(arn)
		if tags, err := m.tags(arn); err == nil {
			*tags = next[i]
		}
	}
	return nil
}

// AddTags adds tags to resources, or replaces those of the same keys.
func (m *Room) AddTags(in elbv2.AddTagsInput) error {
	if err := in.Validate(); err != nil {
		return err
	}
	return m.tagged(in.ResourceArns, func(tags []elbv2.Tag) ([]elbv2.Tag, error) { return elbv2.Tagged(tags, in.Tags) })
}

// RemoveTags removes tags from resources.
func (m *Room) RemoveTags(in elbv2.RemoveTagsInput) error {
	if err := in.Validate(); err != nil {
		return err
	}
	return m.tagged(in.ResourceArns, func(tags []elbv2.Tag) ([]elbv2.Tag, error) {
		return elbv2.Untagged(tags, in.TagKeys), nil
	})
}

// DescribeTags describes the tags of resources, in the order in which they are named.
func (m *Room) DescribeTags(in elbv2.DescribeTagsInput) (out elbv2.DescribeTagsOutput, err error) {
	if err := in.Validate(); err != nil {
		return out, err
	}
	for _, arn := range in.ResourceArns {
		tags, err := m.tags(arn)
		if err != nil {
			return elbv2.DescribeTagsOutput{}, err
		}
		out.TagDescriptions = append(out.TagDescriptions, elbv2.TagDescription{ResourceArn: arn,
			Tags: elbv2.Untagged(*tags, nil)})
	}
	return out, nil
}
