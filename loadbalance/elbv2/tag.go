package elbv2

import (
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// Tag is a tag of a load balancer, target group, listener or rule.
type Tag struct {
	Key   string `json:"Key"`
	Value string `json:"Value,omitzero"`
}

// MostTags is how many tags a resource may have.
const MostTags = 50

// CheckTags refuses tags that cannot be: two of a key as DuplicateTagKeys, too many as TooManyTags.
func CheckTags(tags []Tag) error {
	var f faults
	var list ecs.ErrorList
	seen := map[string]bool{}
	for i, t := range tags {
		at := check.Index("Tags", i)
		if n := utf8.RuneCountInString(t.Key); n < 1 || n > 128 {
			f.Refuse(at+".Key", "A tag's key must have 1 to 128 characters; this one has %d.", n)
		}
		if n := utf8.RuneCountInString(t.Value); n > 256 {
			f.Refuse(at+".Value", "A tag's value can have at most 256 characters; this one has %d.", n)
		}
		f.TagText(at+".Key", t.Key)
		f.TagText(at+".Value", t.Value)
		if seen[t.Key] {
			list = append(list, ecs.Fault(DuplicateTagKeys, at+".Key",
				"Tag keys must be unique; "+check.Shortened(t.Key)+" is there twice."))
		}
		seen[t.Key] = true
	}
	if n := len(seen); n > MostTags {
		list = append(list, ecs.Fault(TooManyTags, "Tags", tooManyTags(n)))
	}
	return joined(f.err(), list.Err())
}

// joined returns the faults of several errors in one list, or nil.
func joined(errs ...error) error {
	var list ecs.ErrorList
	for e := range ecs.Errors(errors.Join(errs...)) {
		list = append(list, e)
	}
	return list.Err()
}

// AddTagsInput is the input of AddTags.
type AddTagsInput struct {
	ResourceArns []string `json:"ResourceArns"`
	Tags         []Tag    `json:"Tags"`
}

// Validate returns all that is wrong with the request, as ValidationError, DuplicateTagKeys or TooManyTags.
func (in AddTagsInput) Validate() error {
	var f faults
	f.required("ResourceArns", len(in.ResourceArns) > 0)
	f.required("Tags", len(in.Tags) > 0)
	return joined(f.err(), CheckTags(in.Tags))
}

// RemoveTagsInput is the input of RemoveTags.
type RemoveTagsInput struct {
	ResourceArns []string `json:"ResourceArns"`
	TagKeys      []string `json:"TagKeys"`
}

// Validate returns all that is wrong with the request, as ValidationError.
func (in RemoveTagsInput) Validate() error {
	var f faults
	f.required("ResourceArns", len(in.ResourceArns) > 0)
	f.required("TagKeys", len(in.TagKeys) > 0)
	return f.err()
}

// DescribeTagsInput is the input of DescribeTags.
type DescribeTagsInput struct {
	ResourceArns []string `json:"ResourceArns"`
}

// mostTagged is how many resources one DescribeTags may name.
const mostTagged = 20

// Validate returns all that is wrong with the request, as ValidationError.
func (in DescribeTagsInput) Validate() error {
	var f faults
	f.required("ResourceArns", len(in.ResourceArns) > 0)
	f.AtMost("ResourceArns", len(in.ResourceArns), mostTagged)
	return f.err()
}

// DescribeTagsOutput is the answer of DescribeTags.
type DescribeTagsOutput struct {
	TagDescriptions []TagDescription `json:"TagDescriptions"`
}

// TagDescription is the tags of one resource.
type TagDescription struct {
	ResourceArn string `json:"ResourceArn"`
	Tags        []Tag  `json:"Tags"`
}

// Tagged returns the tags with others added: one of a key that is there replaces it. The error is TooManyTags.
func Tagged(tags, add []Tag) ([]Tag, error) {
	all := Untagged(tags, nil)
	for _, t := range add {
		all = append(Untagged(all, []string{t.Key}), t)
	}
	if n := len(all); n > MostTags {
		return nil, Fault(TooManyTags, "Tags", "%s", tooManyTags(n))
	}
	return all, nil
}

// Untagged returns the tags without those of the keys.
func Untagged(tags []Tag, keys []string) []Tag {
	return slices.DeleteFunc(slices.Clone(tags), func(t Tag) bool { return slices.Contains(keys, t.Key) })
}

func tooManyTags(n int) string {
	return fmt.Sprintf("A resource may have at most %d tags; these would be %d.", MostTags, n)
}
