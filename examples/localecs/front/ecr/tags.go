package ecr

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// tagFaults are what is wrong with tags. Source: Amazon ECR API Reference, Tag.
func tagFaults(tags []tag) (faults ecs.ErrorList) {
	seen := map[string]bool{}
	for i, t := range tags {
		refuse := func(format string, args ...any) {
			faults = append(faults, fault(invalidTagParameter, check.Path("tags", i), "Invalid parameter at 'tags': "+
				format, args...))
		}
		switch key, value := utf8.RuneCountInString(t.Key), utf8.RuneCountInString(t.Value); {
		case key < 1 || key > 128 || value > 256:
			refuse("a key has 1 to 128 characters and a value at most 256; these are %d and %d.", key, value)
		case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
			refuse("keys that begin with aws: are reserved.")
		case seen[t.Key]:
			refuse("a key is there twice.")
		}
		seen[t.Key] = true
	}
	if len(tags) > mostTags {
		faults = append(faults, fault(tooManyTags, "tags", "A repository has at most %d tags; these are %d.",
			mostTags, len(tags)))
	}
	return faults
}

// byARN returns the repository of an ARN.
func (r *Registry) byARN(home Home, arn string) (*repository, error) {
	name, ok := strings.CutPrefix(arn, home.ARN(""))
	if !ok {
		return nil, fault(invalidParameter, "resourceArn", "Invalid parameter at 'resourceArn' failed to satisfy "+
			"constraint: 'Invalid ARN'")
	}
	return r.find(home, "", name)
}

type tagResourceInput struct {
	ResourceArn string `json:"resourceArn"`
	Tags        []tag  `json:"tags"`
}

// tagResource sets tags of a repository. Source: Amazon ECR API Reference, TagResource.
func tagResource(r *Registry, home Home, _ time.Time, in tagResourceInput) (any, error) {
	found, err := r.byARN(home, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	if err := tagFaults(in.Tags).Err(); err != nil {
		return nil, err
	}
	given := func(t tag) bool { return slices.ContainsFunc(in.Tags, func(n tag) bool { return n.Key == t.Key }) }
	next := append(slices.DeleteFunc(slices.Clone(found.Tags), given), in.Tags...)
	if err := tagFaults(next).Err(); err != nil {
		return nil, err
	}
	found.Tags = next
	return map[string]any{}, nil
}

type untagResourceInput struct {
	ResourceArn string   `json:"resourceArn"`
	TagKeys     []string `json:"tagKeys"`
}

// untagResource takes tags away from a repository. Source: Amazon ECR API Reference, UntagResource.
func untagResource(r *Registry, home Home, _ time.Time, in untagResourceInput) (any, error) {
	found, err := r.byARN(home, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	found.Tags = slices.DeleteFunc(slices.Clone(found.Tags), func(t tag) bool {
		return slices.Contains(in.TagKeys,
			t.Key)
	})
	return map[string]any{}, nil
}

type listTagsForResourceInput struct {
	ResourceArn string `json:"resourceArn"`
}

// listTagsForResource lists the tags of a repository. Source: Amazon ECR API Reference, ListTagsForResource.
func listTagsForResource(r *Registry, home Home, _ time.Time, in listTagsForResourceInput) (any, error) {
	found, err := r.byARN(home, in.ResourceArn)
	if err != nil {
		return nil, err
	}
	return map[string]any{"tags": append([]tag{}, found.Tags...)}, nil
}
