package front

import (
	"time"

	"github.com/bayplan/bayplan/examples/localecs/front/ecr"
)

// Images is the registry of a world that is not simulated, as Amazon ECR's API reaches it: see ecr.World. It is safe
// for concurrent use.
type Images interface {
	Look(f func(*ecr.Registry, ecr.Home) error) error
	Change(f func(*ecr.Registry, ecr.Home) error) error
	// Password returns a password of the user AWS that gives the rights of an access key until a time.
	Password(accessKeyID string, until time.Time) (string, error)
}

// images is the world of Amazon ECR: the registry of the account in a Region. That of a simulated world is kept with
// what the server knows, and has the world's lock.
type images struct{ *region }

// Now returns the world's time.
func (s images) Now() time.Time {
	if s.live != nil {
		return s.config.Now()
	}
	return s.world.Now()
}

// Look calls f with the registry, and where it is.
func (s images) Look(f func(*ecr.Registry, ecr.Home) error) error {
	if s.live != nil {
		return s.config.Images.Look(f)
	}
	return f(s.kept.Registry, s.home())
}

// home is where the registry of a simulated world is.
func (s images) home() ecr.Home { return ecr.Home{Account: s.config.Account, Region: s.config.Region} }

// Change calls f as Look does, and makes durable what it has changed.
func (s images) Change(f func(*ecr.Registry, ecr.Home) error) error {
	if s.live != nil {
		return s.config.Images.Change(f)
	}
	if err := s.Look(f); err != nil {
		return err
	}
	return s.keep()
}

// Password returns one that opens the registry of a live world.
func (s images) Password(until time.Time) (string, error) {
	if s.live != nil {
		return s.config.Images.Password(s.caller, until)
	}
	return ecr.RandomPassword()
}
