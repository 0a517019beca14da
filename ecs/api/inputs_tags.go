package api

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// TagResourceInput puts tags on a resource, in the form of TagResource.
type TagResourceInput struct {
	ResourceArn string    `json:"resourceArn"`
	Tags        []ecs.Tag `json:"tags"`
}

// Validate reports every rule of TagResource that the input breaks.
//
// Source: Amazon ECS API Reference, TagResource.
func (in TagResourceInput) Validate() error {
	c := &faults{}
	c.tagged(in.ResourceArn)
	if len(in.Tags) == 0 {
		c.Refuse("tags", "tags should not be null or empty.")
	}
	c.tags("tags", in.Tags)
	return c.err()
}

// tagged checks the ARN of a resource that can have tags: tasks, services and instances
// need the long form.
func (c *faults) tagged(s string) {
	const path = "resourceArn"
	if !c.Present(path, s) {
		return
	}
	a, err := ecs.ParseARN(s)
	if err != nil {
		c.Refuse(path, "Invalid arn syntax.")
		return
	}
	switch a.Type {
	case ecs.ARNTypeTask, ecs.ARNTypeService, ecs.ARNTypeContainerInstance:
		if a.Cluster() == "" {
			c.Refuse(path, "Long arn format must be used for tagging operations.")
		}
	case ecs.ARNTypeContainer, ecs.ARNTypeServiceDeployment, ecs.ARNTypeServiceRevision:
		c.Refuse(path, "A %s has no tags.", a.Type)
	}
}

// UntagResourceInput removes tags of a resource, in the form of UntagResource.
type UntagResourceInput struct {
	ResourceArn string   `json:"resourceArn"`
	TagKeys     []string `json:"tagKeys"`
}

// Validate reports every rule of UntagResource that the input breaks.
func (in UntagResourceInput) Validate() error {
	c := &faults{}
	c.tagged(in.ResourceArn)
	if len(in.TagKeys) == 0 {
		c.Refuse("tagKeys", "tagKeys should not be null or empty.")
	}
	for i, key := range in.TagKeys {
		c.TagText("tagKeys"+check.Path(i), key)
	}
	return c.err()
}

// ListTagsForResourceInput asks for a resource's tags, in the form of ListTagsForResource.
type ListTagsForResourceInput struct {
	ResourceArn string `json:"resourceArn"`
}

// Validate reports every rule of ListTagsForResource that the input breaks.
func (in ListTagsForResourceInput) Validate() error {
	c := &faults{}
	c.tagged(in.ResourceArn)
	return c.err()
}
