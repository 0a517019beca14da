package scaling

import (
	"maps"
	"slices"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
)

// tagged finds a scalable target by its ARN, to be changed.
func (r *Room) tagged(arn string) (*Target, error) {
	for s := range r.Services.All() {
		if c := s.Target(); c != nil && c.Target.ScalableTargetARN == arn {
			return s.Own(), nil
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
	maps.DeleteFunc(c.Tags, func(key, _ string) bool { return slices.Contains(in.TagKeys, key) })
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
