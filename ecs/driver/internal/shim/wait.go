package shim

import (
	"context"
	"errors"
	"time"

	"github.com/bayplan/bayplan/ecs/driver/internal/group"
	"github.com/bayplan/bayplan/ecs/driver/internal/wall"
)

// beat is how often the state of a run is looked at that nobody waits for.
const beat = 50 * time.Millisecond

// Begun waits until the program was started, and returns why it was not. over, if there is one, is closed when
// the shim has ended.
func (d Record) Begun(ctx context.Context, over <-chan struct{}) error {
	for wait := time.Millisecond; ; wait = min(2*wait, beat) {
		s, lives, err := d.Look()
		switch {
		case err != nil:
			return err
		case s.Refused != "":
			return errors.New(s.Refused)
		case s.Program != 0 || s.Killed:
			return nil
		case !lives && over == nil:
			return errors.New("its shell ended before it started the program")
		}
		select {
		case <-over: // nil: never
			if s, err := d.Read(); err != nil || s.Program == 0 && s.Refused == "" && !s.Killed {
				return errors.Join(err, errors.New("its shell ended before it started the program"))
			}
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// Kill ends all that lives of a run.
func (d Record) Kill() error {
	s, lives, err := d.Look()
	if err != nil {
		return err
	}
	if !lives {
		return d.Clear(s)
	}
	if s.Group == 0 {
		return errors.New("it is being started")
	}
	if err := d.Note("killed"); err != nil {
		return err
	}
	return group.Kill(s.Group)
}

// End kills a run until it is over.
func (d Record) End(ctx context.Context) error {
	for {
		failed := d.Kill()
		_, lives, err := d.Look()
		if !lives || err != nil {
			return err
		}
		if err := wall.Pause(ctx, beat); err != nil {
			return errors.Join(err, failed)
		}
	}
}

// Over waits until the shim of a run lives no more, and returns what its record says then.
func (d Record) Over(ctx context.Context) (State, error) {
	for {
		s, lives, err := d.Look()
		if err != nil || !lives {
			return s, err
		}
		if err := wall.Pause(ctx, beat); err != nil {
			return State{}, err
		}
	}
}
