package sim

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs/control"
)

// Met counts the faults that have happened in a world so far.
type Met struct {
	Lost     int `json:"lost"`     // messages that never arrived
	Repeated int `json:"repeated"` // messages that arrived twice
	Delayed  int `json:"delayed"`  // messages that came late
	Failed   int `json:"failed"`   // commands that were refused for now
	Crashes  int `json:"crashes"`  // of the plane
}

// Met returns the faults so far.
func (w *World) Met() Met { return w.met }

// crash says what becomes of a step during which the plane is lost.
type crash int

const (
	crashNot    crash = iota
	crashUnsent       // its records are durable; none of its commands is sent
	crashTorn         // its records are not: it never happened
)

// Crash discards the plane and builds it again from its records, as an embedder does from a journal. Then
// every outstanding command is given out once more. The world stays as it is: containers go on running,
// and messages that agents have sent arrive. The error is that of control.Replay.
func (w *World) Crash() error {
	records := func(yield func(control.Record, error) bool) {
		for _, r := range w.journal {
			if !yield(r, nil) {
				return
			}
		}
	}
	plane, err := control.Replay(w.origin, w.config.Plane, records)
	if err != nil {
		return fmt.Errorf("sim: after a crash: %w", err)
	}
	w.restart(plane)
	return nil
}

// restart goes on with a plane that was built again.
func (w *World) restart(plane *control.Plane) {
	w.met.Crashes++
	w.plane = plane
	for c := range plane.Outstanding() {
		w.take(c)
	}
	w.alarm(plane.Ready().WakeAt)
}

// StepAndCrash lets the next thing happen and crashes when its records are durable, but before any of its
// commands is sent. It returns false if nothing will ever happen.
func (w *World) StepAndCrash() (bool, error) {
	w.crash = crashUnsent
	more := w.Step()
	w.crash = crashNot
	if !more {
		return false, nil
	}
	return true, w.Crash()
}
