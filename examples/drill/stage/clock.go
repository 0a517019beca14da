package stage

import (
	"fmt"
	"time"

	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/sim"
)

const (
	step      = 15 * time.Second // between two polls of a waiter
	longest   = 30 * time.Minute // that one call lets run at the pace Leap
	next      = time.Minute      // to the next change, when all is at rest
	leaps     = time.Hour        // after the deployment's beginning, Leap becomes Step
	mostSteps = 200_000          // of the world, in one call
)

// follow lets time run before a call is carried out: what the command spent since its last call, and for a read
// what the pace says.
func (s *Stage) follow(w *sim.World, reads bool) error {
	wall := max(0, s.config.Now().Sub(s.called))
	if !reads || !s.underway() || s.ended {
		return s.pass(w, wall)
	}
	if s.config.Pace == Step || w.Now().Sub(s.deployed) >= leaps {
		return s.pass(w, max(step, wall))
	}
	if err := s.pass(w, wall); err != nil {
		return err
	}
	if s.rest(w.Plane()) {
		at, ok := w.Next()
		if !ok {
			return nil
		}
		return s.pass(w, min(next, max(0, at.Sub(w.Now()))))
	}
	return s.settle(w, longest)
}

// due is when the next thing of the scenario happens; false: nothing more will.
func (s *Stage) due() (time.Time, bool) {
	if s.deployed.IsZero() || len(s.happenings) == 0 {
		return time.Time{}, false
	}
	return s.deployed.Add(s.happenings[0].At), true
}

// happen makes the scenario's next thing happen.
func (s *Stage) happen(w *sim.World) error {
	h := s.happenings[0]
	s.happenings = s.happenings[1:]
	text, err := h.Script.Run(w)
	if err == nil {
		err = refusal(text)
	}
	if err != nil {
		return fmt.Errorf("scenario %s: after, at %s: %w", s.config.Scenario.Name, h.At, err)
	}
	s.happened = append(s.happened, Happened{w.Now().Sub(s.began), h.Text})
	return nil
}

// pass lets time run for a while, with what the scenario has happen meanwhile.
func (s *Stage) pass(w *sim.World, by time.Duration) error {
	end := w.Now().Add(by)
	for at, ok := s.due(); ok && !at.After(end); at, ok = s.due() {
		w.Advance(max(0, at.Sub(w.Now())))
		if err := s.happen(w); err != nil {
			return err
		}
	}
	w.Advance(max(0, end.Sub(w.Now())))
	return nil
}

// settle lets time run until the service is at rest, for a while at most.
func (s *Stage) settle(w *sim.World, most time.Duration) error {
	end := w.Now().Add(most)
	changes, seen := 0, -1
	watch := func() { w.Watch(func(message.Change) { changes++ }) }
	watch()
	defer w.Watch(nil)
	for range mostSteps {
		if seen != changes {
			seen = changes
			if s.rest(w.Plane()) {
				return nil
			}
		}
		at, more := w.Next()
		if due, ok := s.due(); ok && !due.After(end) && (!more || !at.Before(due)) {
			if err := s.pass(w, max(0, due.Sub(w.Now()))); err != nil {
				return err
			}
			changes++
			watch() // a script takes the watch away
			continue
		}
		if !more || at.After(end) {
			break
		}
		w.Step()
	}
	return s.pass(w, max(0, end.Sub(w.Now())))
}
