// Package epochs remembers which commands were carried out, so that a late one does nothing.
package epochs

import (
	"slices"

	"github.com/bayplan/bayplan/ecs/message"
)

// Memorable is how many targets of the past are remembered.
const Memorable = 4096

// Memory is the newest epoch of each target that commands named. It is bounded: the oldest epochs go first, and what
// is not above the newest that is gone counts as late.
type Memory struct {
	Epochs map[string]uint64 `json:"epochs"`
	Floor  uint64            `json:"floor,omitzero"`
}

// New returns a memory of no command.
func New() Memory { return Memory{Epochs: map[string]uint64{}} }

// Late reports whether a newer command, or this one, was carried out.
func (m *Memory) Late(k message.Key) bool {
	epoch, known := m.Epochs[k.Target]
	return known && k.Epoch <= epoch || !known && k.Epoch <= m.Floor
}

// Note remembers a command that is carried out. What in says is in use is not forgotten.
func (m *Memory) Note(k message.Key, in func(target string) bool) {
	m.Epochs[k.Target] = max(k.Epoch, m.Epochs[k.Target])
	if len(m.Epochs) <= Memorable {
		return
	}
	var past []uint64
	for target, epoch := range m.Epochs { //order:any sorted below
		if !in(target) {
			past = append(past, epoch)
		}
	}
	if len(past) <= Memorable/2 {
		return // most are in use
	}
	slices.Sort(past)
	m.Floor = max(m.Floor, past[len(past)-Memorable/2-1])
	for target, epoch := range m.Epochs { //order:any each by itself
		if epoch <= m.Floor && !in(target) {
			delete(m.Epochs, target)
		}
	}
}
