package proxy

import (
	"slices"

	"github.com/bayplan/bayplan/ecs/message"
)

// memorable is how many targets and rules of the past a proxy remembers.
const memorable = 4096

// memory is what a proxy must know of the commands that it has carried out, so that a late one does nothing: the
// newest epoch of each target and rule. It is bounded: the oldest epochs go first, and what is not above the
// newest that is gone counts as late.
type memory struct {
	Epochs map[string]uint64 `json:"epochs"`
	Floor  uint64            `json:"floor,omitzero"`
}

func newMemory() memory { return memory{Epochs: map[string]uint64{}} }

// late reports whether a newer command, or this one, was carried out.
func (m *memory) late(k message.Key) bool {
	epoch, known := m.Epochs[k.Target]
	return known && k.Epoch <= epoch || !known && k.Epoch <= m.Floor
}

// note remembers a command that is carried out. What in says is in use is not forgotten.
func (m *memory) note(k message.Key, in func(target string) bool) {
	m.Epochs[k.Target] = max(k.Epoch, m.Epochs[k.Target])
	if len(m.Epochs) <= memorable {
		return
	}
	var past []uint64
	for target, epoch := range m.Epochs { //order:any sorted below
		if !in(target) {
			past = append(past, epoch)
		}
	}
	if len(past) <= memorable/2 {
		return // most are in use
	}
	slices.Sort(past)
	m.Floor = max(m.Floor, past[len(past)-memorable/2-1])
	for target, epoch := range m.Epochs { //order:any each by itself
		if epoch <= m.Floor && !in(target) {
			delete(m.Epochs, target)
		}
	}
}
