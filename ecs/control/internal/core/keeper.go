package core

// Keeper keeps what things were when a snapshot of them began. Whoever is about to change one says so by Hold, which
// copies it unless it was written already: a snapshot need not copy all of them at once. The zero Keeper keeps nothing.
type Keeper[T Kept[T]] struct {
	snapshot uint32  // its number
	was      map[T]T // what was copied and is not written yet; nil: no snapshot is being taken
}

// Kept is a pointer to what a Keeper may keep.
type Kept[T any] interface {
	comparable
	Mark() *uint32
	Copy() T // as it is now, whatever becomes of it
}

// Marked is the part of a thing that a Keeper may keep.
type Marked struct{ snapshot uint32 }

// Mark is where a thing has the number of the last snapshot that does not need it any more.
func (m *Marked) Mark() *uint32 { return &m.snapshot }

// Keep begins to keep things as they are now. What an earlier snapshot has not taken is forgotten.
func (k *Keeper[T]) Keep() {
	k.snapshot++
	k.was = map[T]T{}
}

// Keeps reports whether things are kept.
func (k *Keeper[T]) Keeps() bool { return k.was != nil }

// Let ends what Keep began.
func (k *Keeper[T]) Let() { k.was = nil }

// Came notes a thing that no snapshot so far has.
func (k *Keeper[T]) Came(x T) { *x.Mark() = k.snapshot }

// Hold is called before a thing changes.
func (k *Keeper[T]) Hold(x T) {
	if k.was == nil || *x.Mark() == k.snapshot {
		return
	}
	k.was[x] = x.Copy()
	*x.Mark() = k.snapshot
}

// Was returns what a thing was when Keep was called, to be written before it changes. It is asked for each once.
func (k *Keeper[T]) Was(x T) T {
	if was, ok := k.was[x]; ok {
		delete(k.was, x)
		return was
	}
	*x.Mark() = k.snapshot
	return x
}
