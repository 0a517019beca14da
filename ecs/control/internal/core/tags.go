package core

import (
	"slices" // propagated returns the tags that a new task gets from its definition or from its service.

	"github.com/bayplan/bayplan/ecs"
)

// Propagated returns the tags that a new task gets from its definition or from its service.
func Propagated(from ecs.PropagateTags, d ecs.TaskDefinition, service []ecs.Tag) []ecs.Tag {
	switch from {
	case ecs.PropagateTagsTaskDefinition:
		return d.Tags
	case ecs.PropagateTagsService:
		return service
	}
	return nil
}

// ManagedTags are the tags that ECS itself gives to a task if it is asked to.
func ManagedTags(enabled bool, cluster, service string) []ecs.Tag {
	if !enabled {
		return nil
	}
	tags := []ecs.Tag{{Key: "aws:ecs:clusterName", Value: cluster}}
	if service != "" {
		tags = append(tags, ecs.Tag{Key: "aws:ecs:serviceName", Value: service})
	}
	return tags
}

// JoinTags joins lists of tags; if two tags have the same key, the later value holds.
func JoinTags(lists ...[]ecs.Tag) []ecs.Tag {
	var all []ecs.Tag
	for _, list := range lists {
		for _, tag := range list {
			all = append(slices.DeleteFunc(all, func(o ecs.Tag) bool { return o.Key == tag.Key }), tag)
		}
	}
	return all
}

// Missing returns the failure of an ARN that names nothing.
func Missing(arn string) ecs.Failure { return ecs.Failure{Arn: arn, Reason: "MISSING"} }
