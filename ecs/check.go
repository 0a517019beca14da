package ecs

import "github.com/bayplan/bayplan/internal/check"

// checks gathers the faults of one value; code is what a broken rule answers.
type checks struct {
	check.Faults
	code Code
}

// err returns what was gathered.
func (c *checks) err() error { return Faults(c.code, c.Pairs()) }

// nest adds the faults of a member, as its own check returns them, under its path.
func (c *checks) nest(path string, err error) {
	for e := range Errors(err) {
		c.Refuse(check.Join(path, e.Field), "%s", e.Message)
	}
}

// between refuses a present number outside lo to hi.
func (c *checks) between(path string, n Opt[int], lo, hi int) {
	if v, ok := n.Get(); ok {
		c.Between(path, v, lo, hi)
	}
}

// tags checks tags.
func (c *checks) tags(path string, tags []Tag) {
	c.Tags(path, len(tags), func(i int) (key, value string) { return tags[i].Key, tags[i].Value })
}
