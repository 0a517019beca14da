package placement

import "github.com/bayplan/bayplan/ecs"

// Mark is a state of an Index to go back to.
type Mark struct {
	depth int
	at    int
}

// op is an operation as the journal has it.
type op uint8

const (
	opReserve  op = iota // n tasks
	opStop               // one task
	opRestore            // one task, n of the group
	opTakePort           // n is the port
	opFreePort
	opAdd     // id
	opReplace // the image is what was before
	opRemove
)

// change is one operation while a mark is held.
type change struct {
	op             op
	shape, slot, n uint32
	id             ecs.InstanceID
}

func (x *Index) note(c change) {
	if x.marks > 0 {
		x.journal = append(x.journal, c)
	}
}

func (x *Index) saveImage(o op, m image) {
	if x.marks > 0 {
		x.saved = append(x.saved, m)
		x.journal = append(x.journal, change{op: o, id: m.facts.id})
	}
}

// Mark returns the present state, to go back to. Marks nest. Every mark is ended by Rollback
// or Keep; until then each operation is noted.
func (x *Index) Mark() Mark {
	x.marks++
	return Mark{x.marks, len(x.journal)}
}

// Rollback goes back to a mark and ends it, with those made after it: O(operations since).
// Shapes prepared since stay. It panics if the mark has ended.
func (x *Index) Rollback(m Mark) {
	x.endMark(m)
	for len(x.journal) > m.at {
		c := x.journal[len(x.journal)-1]
		x.journal = x.journal[:len(x.journal)-1]
		x.undo(c)
	}
	x.giveBack()
}

// Keep ends a mark, with those made after it, and keeps what was done since. It panics if
// the mark has ended.
func (x *Index) Keep(m Mark) {
	x.endMark(m)
	if x.marks == 0 {
		x.journal, x.saved = x.journal[:0], x.saved[:0]
	}
	x.giveBack()
}

func (x *Index) endMark(m Mark) {
	if m.depth == 0 || m.depth > x.marks || m.at > len(x.journal) {
		panic("placement: this mark has ended")
	}
	x.marks = m.depth - 1
}

// undo does the opposite of an operation, without noting it.
func (x *Index) undo(c change) {
	switch c.op {
	case opReserve:
		for _, code := range x.shapes[c.shape-1].ports {
			x.freePort(c.slot, code)
		}
		x.adjust(c, int64(c.n), int64(c.n))
	case opStop:
		x.adjust(c, 0, -1)
	case opRestore:
		x.adjust(c, -1, -int64(c.n))
	case opTakePort:
		x.freePort(c.slot, c.n)
		x.give(c.slot)
	case opFreePort:
		x.takePort(c.slot, c.n)
	case opAdd:
		i, _ := x.find(c.id)
		x.drop(i)
	case opReplace:
		slot, _ := x.slotOf(c.id)
		x.lift(slot)
		x.replace(slot, x.popImage())
	case opRemove:
		x.put(x.popImage())
	}
}

// adjust gives back the needs of n tasks, and room task room with as many tasks of the group.
func (x *Index) adjust(c change, n, room int64) {
	s := x.shapes[c.shape-1]
	x.count(s.group, c.slot, -int32(room))
	x.add(s, c.slot, n, room)
	if n > 0 || room > 0 {
		x.give(c.slot)
	}
}

func (x *Index) popImage() image {
	m := x.saved[len(x.saved)-1]
	x.saved = x.saved[:len(x.saved)-1]
	return m
}
