package written

import (
	"encoding/json"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement"
)

// Rare is what few running tasks have. Tasks that have nothing of it share one, which nobody changes.
type Rare struct {
	Address string // awsvpc
	Targets []Target
	Volume  *Volume            // configured at launch
	Request *placement.Request // while it waits for room
	Doubt   ecs.Instant        // since when reports contradict what was heard of it
	Keys    RareKeys
}

// Nothing reports whether r says nothing.
func (r *Rare) Nothing() bool {
	return r.Address == "" && r.Targets == nil && r.Volume == nil && r.Request == nil && r.Doubt == 0 &&
		r.Keys == (RareKeys{})
}

// Clone returns a copy that is changed without r.
func (r *Rare) Clone() *Rare {
	c := *r
	c.Targets, c.Volume = slices.Clone(c.Targets), c.Volume.Clone()
	return &c
}

// Rarely is what is compared by its text, as a State has it.
type Rarely struct {
	Overrides *ecs.TaskOverride
	Network   *ecs.NetworkConfiguration
	Registry  *ecs.ServiceRegistry
	Tags      []ecs.Tag
}

// Same reports whether r and o are the very same memory, which nobody changes.
func (r Rarely) Same(o Rarely) bool {
	return r.Overrides == o.Overrides && r.Network == o.Network && r.Registry == o.Registry &&
		len(r.Tags) == len(o.Tags) && (r.Tags == nil) == (o.Tags == nil) &&
		(len(r.Tags) == 0 || &r.Tags[0] == &o.Tags[0])
}

// RarelyText makes texts, and knows the last one.
type RarelyText struct {
	last Rarely
	text string
}

// Of returns the text of r; "" if r says nothing.
func (k *RarelyText) Of(r Rarely) (string, error) {
	if r.Same(Rarely{}) {
		return "", nil
	}
	if !r.Same(k.last) {
		text, err := json.Marshal(r)
		if err != nil {
			return "", err
		}
		k.last, k.text = r, string(text)
	}
	return k.text, nil
}
