package groups

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/bayplan/bayplan/ecs"
)

// Tag is a tag of a group.
// Source: Amazon EC2 Auto Scaling API Reference, Tag.
type Tag struct {
	ResourceID        string        `json:"ResourceId,omitzero"`   // name of the group
	ResourceType      string        `json:"ResourceType,omitzero"` // auto-scaling-group
	Key               string        `json:"Key"`
	Value             string        `json:"Value,omitzero"`
	PropagateAtLaunch ecs.Opt[bool] `json:"PropagateAtLaunch,omitzero"` // to the instances that it launches from now on
}

// ShownTag is a tag as it is shown.
// Source: Amazon EC2 Auto Scaling API Reference, TagDescription.
type ShownTag struct {
	ResourceID        string `json:"ResourceId"`
	ResourceType      string `json:"ResourceType"`
	Key               string `json:"Key"`
	Value             string `json:"Value"`
	PropagateAtLaunch bool   `json:"PropagateAtLaunch"`
}

const (
	tagged   = "auto-scaling-group"
	mostTags = 50
)

func (r *record) shownTags() []ShownTag {
	list := []ShownTag{}
	for _, t := range r.Tags {
		list = append(list, ShownTag{r.Group.AutoScalingGroupName, tagged, t.Key, t.Value,
			t.PropagateAtLaunch.Or(false)})
	}
	return list
}

// tag adds tags to the group, or changes those of the same keys; all of them or none.
func (r *record) tag(list []Tag) error {
	next := slices.Clone(r.Tags)
	for _, t := range list {
		switch key, value := utf8.RuneCountInString(t.Key), utf8.RuneCountInString(t.Value); {
		case key < 1 || key > 128:
			return fault(ValidationError, "Tags", "The key of a tag has from 1 to 128 characters, got %d.", key)
		case value > 256:
			return fault(ValidationError, "Tags", "The value of a tag has at most 256 characters, got %d.", value)
		case strings.HasPrefix(strings.ToLower(t.Key), "aws:"):
			return fault(ValidationError, "Tags", "The key %q begins with aws:, which only AWS may use.", t.Key)
		case t.ResourceType != "" && t.ResourceType != tagged:
			return fault(ValidationError, "Tags", "The ResourceType must be %s, got %q.", tagged, t.ResourceType)
		}
		t.ResourceID, t.ResourceType = "", ""
		at, ok := slices.BinarySearchFunc(next, t.Key, func(t Tag, key string) int {
			return strings.Compare(t.Key,
				key)
		})
		if ok {
			next[at] = t
		} else {
			next = slices.Insert(next, at, t)
		}
	}
	if len(next) > mostTags {
		return fault(LimitExceeded, "Tags", "A group has at most %d tags, got %d.", mostTags, len(next))
	}
	r.Tags = next
	return nil
}

func (r *record) untag(keys ...string) {
	r.Tags = slices.DeleteFunc(slices.Clone(r.Tags), func(t Tag) bool { return slices.Contains(keys, t.Key) })
}

// TagsInput has tags of groups.
type TagsInput struct {
	Tags []Tag `json:"Tags"`
}

// CreateOrUpdateTags adds tags to groups, or changes them; all of them or none.
// Errors: ValidationError for a group that does not exist and a tag with a fault, LimitExceeded.
func (s *Service) CreateOrUpdateTags(in TagsInput) error {
	before := map[*record][]Tag{}
	for _, t := range in.Tags {
		r, err := s.find(t.ResourceID)
		if err == nil {
			if _, seen := before[r]; !seen {
				before[r] = r.Tags
			}
			err = r.tag([]Tag{t})
		}
		if err != nil {
			for r, tags := range before { //order:any each by itself
				r.Tags = tags
			}
			return err
		}
	}
	return nil
}

// DeleteTags removes tags of groups, as far as there are such.
// Errors: ValidationError for a group that does not exist.
func (s *Service) DeleteTags(in TagsInput) error {
	for _, t := range in.Tags {
		if _, err := s.find(t.ResourceID); err != nil {
			return err
		}
	}
	for _, t := range in.Tags {
		if r, err := s.find(t.ResourceID); err == nil {
			r.untag(t.Key)
		}
	}
	return nil
}

// Filter chooses groups or tags.
// Source: Amazon EC2 Auto Scaling API Reference, Filter.
type Filter struct {
	Name   string   `json:"Name"`
	Values []string `json:"Values,omitzero"`
}

// validFilters refuses a filter that DescribeAutoScalingGroups does not have.
func validFilters(filters []Filter) error {
	for _, f := range filters {
		if !strings.HasPrefix(f.Name, "tag:") && f.Name != "tag-key" && f.Name != "tag-value" {
			return fault(ValidationError, "Filters", "The filter %q is not one of tag-key, tag-value, tag:KEY.", f.Name)
		}
	}
	return nil
}

// passes reports whether the group passes all filters of DescribeAutoScalingGroups.
func (r *record) passes(filters []Filter) bool {
	all := true
	for _, f := range filters {
		key, keyed := strings.CutPrefix(f.Name, "tag:")
		all = all && slices.ContainsFunc(r.Tags, func(t Tag) bool {
			switch {
			case keyed:
				return t.Key == key && slices.Contains(f.Values, t.Value)
			case f.Name == "tag-key":
				return slices.Contains(f.Values, t.Key)
			}
			return slices.Contains(f.Values, t.Value)
		})
	}
	return all
}

// DescribeTagsInput asks for tags.
type DescribeTagsInput struct {
	_ struct{} `unmodelled:"IncludeManagedResources"`

	Filters    []Filter     `json:"Filters,omitzero"`    // auto-scaling-group, key, value, propagate-at-launch
	MaxRecords ecs.Opt[int] `json:"MaxRecords,omitzero"` // 1 to 100; absent: 50
	NextToken  string       `json:"NextToken,omitzero"`
}

// DescribeTagsOutput is a page of tags.
type DescribeTagsOutput struct {
	Tags      []ShownTag `json:"Tags"`
	NextToken string     `json:"NextToken,omitzero"`
}

// DescribeTags returns tags in order of group and key: those that pass all filters.
// Errors: ValidationError for a filter that does not exist and a size of pages out of bounds, InvalidNextToken.
func (s *Service) DescribeTags(in DescribeTagsInput) (DescribeTagsOutput, error) {
	of := func(t ShownTag, name string) (string, bool) {
		switch name {
		case "auto-scaling-group":
			return t.ResourceID, true
		case "key":
			return t.Key, true
		case "value":
			return t.Value, true
		case "propagate-at-launch":
			if t.PropagateAtLaunch {
				return "true", true
			}
			return "false", true
		}
		return "", false
	}
	for _, f := range in.Filters {
		if _, ok := of(ShownTag{}, f.Name); !ok {
			return DescribeTagsOutput{}, fault(ValidationError, "Filters",
				"The filter %q is not one of auto-scaling-group, key, value, propagate-at-launch.", f.Name)
		}
	}
	list := []ShownTag{}
	for _, r := range s.state.Groups {
		s.manage(r)
		for _, t := range r.shownTags() {
			if !slices.ContainsFunc(in.Filters, func(f Filter) bool {
				value, _ := of(t, f.Name)
				return !slices.Contains(f.Values, value)
			}) {
				list = append(list, t)
			}
		}
	}
	list, next, err := page(list, func(t ShownTag) string { return t.ResourceID + "/" + t.Key }, in.NextToken,
		in.MaxRecords, usual, 100)
	return DescribeTagsOutput{list, next}, err
}

// cooling reports whether the cooldown of a group goes on, which a policy may have of its own.
func (r *record) cooling(now time.Time, own ecs.Opt[int]) bool {
	seconds := own.Or(r.Settings.DefaultCooldown.Or(defaultCooldown))
	return r.Settled != 0 && ecs.At(now) < r.Settled.Add(time.Duration(seconds)*time.Second)
}

// defaultCooldown is the cooldown of a group that sets none, in seconds.
// Source: Amazon EC2 Auto Scaling API Reference, CreateAutoScalingGroup.
const defaultCooldown = 300
