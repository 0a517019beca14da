package control

import "fmt"

// failure ends a plane's life: a request, or what it set off, panicked and left things half done.
type failure struct {
	op    string
	cause any
}

func (f *failure) Error() string {
	return fmt.Sprintf("control: this plane ended in the middle of %s: %v; "+
		"what it was before is in its last State and the records since", f.op, f.cause)
}

// guard makes a panic the end of the plane: nothing of the input that panicked is handed out,
// nothing more is accepted, and the panic goes on.
func (p *Plane) guard(op string, before given) {
	cause := recover()
	if cause == nil {
		return
	}
	p.failed = &failure{op, cause}
	p.records.Undo(before.records)
	p.outbox.Issued.Undo(before.commands)
	p.core.Changes.Undo(before.changes)
	panic(cause)
}

// Failed returns nil, or the error of a plane that ended because a call panicked. After that every
// request, State and Tick panic with the same error. The caller builds the plane again from its
// last State and the records since.
func (p *Plane) Failed() error {
	if p.failed == nil {
		return nil
	}
	return p.failed
}

// alive panics if the plane has ended.
func (p *Plane) alive() {
	if p.failed != nil {
		panic(p.failed)
	}
}
