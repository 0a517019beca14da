package front

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/sim"
)

// regionNames are the Regions of the partition aws, whose ARNs the plane writes. Source: AWS General
// Reference, "AWS service endpoints". There are no more worlds than these, and that of Config.Region.
func regionNames() []string {
	return []string{
		"af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-1", "ap-northeast-2", "ap-northeast-3",
		"ap-south-1", "ap-south-2",
		"ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5",
		"ap-southeast-6", "ap-southeast-7",
		"ca-central-1", "ca-west-1", "eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1",
		"eu-south-2", "eu-west-1",
		"eu-west-2", "eu-west-3", "il-central-1", "me-central-1", "me-south-1", "mx-central-1", "sa-east-1",
		"us-east-1", "us-east-2",
		"us-west-1", "us-west-2",
	}
}

// zonesOf are the Availability Zones that a Region has here.
func zonesOf(region string) []string { return []string{region + "a", region + "b", region + "c"} }

// served reports whether there is, or may be, a world of the Region.
func (s *Server) served(region string) bool {
	return region == s.config.Region || s.config.World == nil && slices.Contains(regionNames(), region)
}

// region returns the world of a Region, "" for that of Config.Region. It is made for the first call,
// with as many instances and, in manual time, at the time of the one that there is already.
func (s *Server) region(name string) (*region, error) {
	if name == "" {
		name = s.config.Region
	}
	if !s.served(name) {
		return nil, ecs.Fault(invalidSignature, "",
			fmt.Sprintf("Credential should be scoped to a valid Region, not '%s'.", name))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, there := s.regions[name]; there {
		return r, nil
	}
	c, start := s.config, s.config.Now()
	if name != s.config.Region {
		c.Region, c.Zones, c.Journal = name, zonesOf(name), s.journalOf(name)
		h := fnv.New64a()
		_, _ = h.Write([]byte(name)) // it never fails
		c.Seed ^= h.Sum64()          // no ID is in two Regions
	}
	if first := s.regions[s.config.Region]; first != nil && c.Manual {
		start = first.now()
	}
	if c.Journal != "" {
		if err := os.MkdirAll(c.Journal, 0o700); err != nil {
			return nil, fmt.Errorf("front: %w", err)
		}
	}
	r := &region{config: c}
	if err := r.open(start); err != nil {
		return nil, err
	}
	s.regions[name] = r
	return r, nil
}

// journalOf is the directory of the journal of a Region: that of Config.Region is Config.Journal, and
// the others are in it, under their names.
func (s *Server) journalOf(region string) string {
	if s.config.Journal == "" || region == s.config.Region {
		return s.config.Journal
	}
	return filepath.Join(s.config.Journal, region)
}

// all returns the worlds that there are, in the order of their Regions.
func (s *Server) all() (list []*region) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(s.regions)) {
		list = append(list, s.regions[name])
	}
	return list
}

// reset begins everything again: the world of Config.Region is fresh, and those of other Regions are
// gone, with their journals.
func (s *Server) reset() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var errs []error
	for _, name := range append(regionNames(), s.config.Region) {
		r, there := s.regions[name]
		switch {
		case name == s.config.Region:
			continue
		case there:
			if err := r.end(); err != nil {
				errs = append(errs, err)
				continue
			}
			delete(s.regions, name)
		case s.config.Journal != "":
			errs = append(errs, forget(s.journalOf(name)))
		}
	}
	return errors.Join(append(errs, s.regions[s.config.Region].reset(s.config.Now()))...)
}

// Close closes the journals, if there are any. Every call that was answered is already durable.
func (s *Server) Close() error {
	var errs []error
	for _, r := range s.all() {
		errs = append(errs, r.close())
	}
	return errors.Join(errs...)
}

// World calls f with the world of Config.Region, while no call of the API is carried out. A program that drives time
// itself, or makes things happen in the world, does it here. It returns the error of f, or that of the journal.
func (s *Server) World(f func(w *sim.World) error) error {
	r, err := s.region("")
	if err != nil {
		return err
	}
	return r.do(f)
}

// do calls f with the world, and returns when what it did is durable.
func (s *region) do(f func(w *sim.World) error) error {
	if s.live != nil {
		return errLive
	}
	st, err := s.within(f)
	return errors.Join(s.commit(st), err)
}

// within calls f with the world; what it did may be relied on after the store's commit.
func (s *region) within(f func(w *sim.World) error) (*store, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.ready(); err != nil {
		return nil, err
	}
	s.catchUp()
	return s.store, f(s.sim)
}

// now is the world's time; that of the system where a live world does not answer.
func (s *region) now() time.Time {
	if s.live != nil {
		now, err := lend(context.Background(), s, func(s *region) (time.Time, error) { return s.world.Now(), nil })
		if err != nil {
			return s.config.Now()
		}
		return now
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.world.Now()
}
