package core

// Keeper keeps what things were when a snapshot of them began, of each a W. Whoever is about to change one says so by
// Hold, which makes the W unless the thing was written already: a snapshot need not make all of them at once. The zero
// Keeper keeps nothing.
type Keeper[T Kept, W any] struct {
	snapshot uint32  // its number
	was      map[T]W // what was made and is not written yet; nil: no snapshot is being taken
	as       func(T) W
}

// Kept is a pointer to what a Keeper may keep.
type Kept interface {
	comparable
	Mark() *uint32
}

// Marked is the part of a thing that a Keeper may keep.
type Marked struct{ snapshot uint32 }

// Mark is where a thing has the number of the last snapshot that does not need it any more.
func (m *Marked) Mark() *uint32 { return &m.snapshot }

// Keep begins to keep things as they are now, each as as returns it. What an earlier snapshot has not taken is
// forgotten.
func (k *Keeper[T, W]) Keep(as func(T) W) {
	k.snapshot++
	k.was, k.as = map[T]W{}, as
}

// Keeps reports whether things are kept.
func (k *Keeper[T, W]) Keeps() bool { return k.was != nil }

// Let ends what Keep began.
func (k *Keeper[T, W]) Let() { k.was, k.as = nil, nil }

// Came notes a thing that no snapshot so far has.
func (k *Keeper[T, W]) Came(x T) { *x.Mark() = k.snapshot }

// Hold is called before a thing changes.
func (k *Keeper[T, W]) Hold(x T) {
	if k.was == nil || *x.Mark() == k.snapshot {
		return
	}
	k.was[x] = k.as(x)
	*x.Mark() = k.snapshot
}

// Held reports whether a thing that is not written yet may have changed since Keep was called.
func (k *Keeper[T, W]) Held(x T) bool {
	_, held := k.was[x]
	return held
}

// Was returns what a thing was when Keep was called, if it is Held. If not, the thing is that itself, to be written
// before it changes. It is asked for each once.
func (k *Keeper[T, W]) Was(x T) (was W, held bool) {
	if was, held = k.was[x]; held {
		delete(k.was, x)
	} else {
		*x.Mark() = k.snapshot
	}
	return was, held
}

// Copies is a Keeper that keeps copies.
type Copies[T Copied[T]] struct{ Keeper[T, T] }

// Copied is a pointer to what Copies may keep.
type Copied[T any] interface {
	Kept
	Copy() T // as it is now, whatever becomes of it
}

// Keep begins to keep things as they are now.
func (c *Copies[T]) Keep() { c.Keeper.Keep(T.Copy) }

// Was returns a thing as it was when Keep was called, to be written before it changes. It is asked for each once.
func (c *Copies[T]) Was(x T) T {
	if was, held := c.Keeper.Was(x); held {
		return was
	}
	return x
}
