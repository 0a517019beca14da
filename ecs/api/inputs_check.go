package api

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// faults gathers the faults of one request: those of InvalidParameterException, which most are, and
// others.
type faults struct {
	check.Faults
	others ecs.ErrorList
}

// err returns what was gathered.
func (c *faults) err() error {
	all := c.others
	for e := range ecs.Errors(ecs.Faults(ecs.InvalidParameterException, c.Pairs())) {
		all = append(all, e)
	}
	return all.Err()
}

// nest adds the faults of a member, as its own check returns them, under its path.
func (c *faults) nest(path string, err error) {
	for e := range ecs.Errors(err) {
		c.Refuse(check.Join(path, e.Field), "%s", e.Message)
	}
}

// between refuses a present number outside lo to hi.
func (c *faults) between(path string, n ecs.Opt[int], lo, hi int) {
	if v, ok := n.Get(); ok {
		c.Between(path, v, lo, hi)
	}
}

// tags checks tags.
func (c *faults) tags(path string, tags []ecs.Tag) {
	c.Tags(path, len(tags), func(i int) (key, value string) { return tags[i].Key, tags[i].Value })
}

// choose returns a value as OneOf takes it.
func choose[E ecs.Enumeration](v E) check.Choice { return check.Choose(v, ecs.Valid(v), ecs.Values) }
