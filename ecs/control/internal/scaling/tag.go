package scaling

import (
	"maps"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
)

// tagged finds a scalable target by its ARN.
func (r *Room) tagged(arn string) (*Target, error) {
	for c := range r.targets(autoscale.ServiceNamespaceECS) {
		if c.Target.ScalableTargetARN == arn {
			return c, nil
		}
	}
	return nil, core.Fault(ecs.ResourceNotFoundException, "ResourceARN", "No scalable target found for ARN: %s", arn)
}

// TagResource tags a scalable target.
func (r *Room) TagResource(in autoscale.TagResourceInput) error {
	if err := in.Validate(); err != nil {
		return err
	}
	c, err := r.tagged(in.ResourceARN)
	if err != nil {
		return err
	}
	tags, err := in.Tagged(c.Tags)
	if err == nil {
		c.Tags = tags
	}
	return err
}

// UntagResource takes tags off a scalable target.
func (r *Room) UntagResource(in autoscale.UntagResourceInput) error {
	c, err := r.tagged(in.ResourceARN)
	if err != nil {
		return err
	}
	c.Tags = maps.Clone(c.Tags)
	for _, key := range in.TagKeys {
		delete(c.Tags, key)
	}
	return nil
}

// ListTagsForResource returns the tags of a scalable target.
func (r *Room) ListTagsForResource(in autoscale.ListTagsForResourceInput) (autoscale.ListTagsForResourceOutput, error) {
	c, err := r.tagged(in.ResourceARN)
	if err != nil {
		return autoscale.ListTagsForResourceOutput{}, err
	}
	out := autoscale.ListTagsForResourceOutput{Tags: map[string]string{}}
	maps.Copy(out.Tags, c.Tags)
	return out, nil
}
