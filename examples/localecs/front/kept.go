package front

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver/journal"
	"github.com/bayplan/bayplan/ecs/sim"
)

// kept is what a server knows beside its plane.
type kept struct {
	Settings   []accountSetting         `json:"settings,omitzero"`
	Behaviours map[string]sim.Behaviour `json:"behaviours,omitzero"` // by image
	Loads      []serviceLoad            `json:"loads,omitzero"`
	Own        []ownInstance            `json:"own,omitzero"`
}

// ownInstance is an instance with an agent of its own.
type ownInstance struct {
	Cluster  string         `json:"cluster"`
	Instance ecs.InstanceID `json:"instance"`
}

// store is where a server with a journal keeps its records. Calls append to pending while
// they hold the server's lock and are answered after commit: whoever commits writes and syncs
// for all that came meanwhile, so that many clients share one sync.
type store struct {
	dir     string
	journal *journal.Journal
	pending []control.Record
	broken  error // of the journal: nothing is acknowledged any more
}

const besides = "localecs.json" // the name of the file for what is kept beside the plane

// open returns the plane that is kept in the directory, a new one if there is none.
func (s *Server) open(config control.Config) (*control.Plane, error) {
	plane, j, err := journal.Open(s.config.Journal, journal.Config{Plane: config})
	if err != nil {
		return nil, err
	}
	s.store = &store{dir: s.config.Journal, journal: j}
	data, err := os.ReadFile(filepath.Join(s.store.dir, besides))
	if errors.Is(err, os.ErrNotExist) {
		return plane, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &s.kept)
	}
	if err != nil {
		_ = j.Close()
		return nil, fmt.Errorf("front: %w", err)
	}
	return plane, nil
}

// commit returns when all that was done up to now is durable. It must be called without the
// server's lock.
func (s *Server) commit(st *store) error {
	if st == nil {
		return nil
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	s.mu.Lock()
	records := st.pending
	st.pending = nil
	var state control.State
	due := st.broken == nil && st.journal.SnapshotDue()
	if due {
		state = s.world.Plane().State()
	}
	broken := st.broken
	s.mu.Unlock()
	if broken != nil {
		return broken
	}
	var err error
	if len(records) > 0 {
		err = st.journal.Append(context.Background(), records)
	}
	if err == nil && due {
		err = st.journal.Snapshot(context.Background(), state)
	}
	if err != nil {
		err = &ecs.Error{Code: ecs.ServerException, Message: "The journal failed: " + err.Error(), Err: err}
		s.mu.Lock()
		st.broken = err
		s.mu.Unlock()
	}
	return err
}

// keep makes what the server knows beside its plane durable.
func (s *Server) keep() error {
	if s.store == nil {
		return nil
	}
	data, err := json.Marshal(s.kept)
	if err != nil {
		return err
	}
	path := filepath.Join(s.store.dir, besides)
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err := cmp.Or(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return err
	}
	dir, err := os.Open(s.store.dir)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

// anew begins anew, with an empty journal.
func (s *Server) anew() error {
	s.turn.Lock()
	defer s.turn.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.forget(); err != nil {
		return err
	}
	return s.reset()
}

// forget removes what the journal's directory holds.
func (s *Server) forget() error {
	if s.store == nil {
		return nil
	}
	if err := s.store.journal.Close(); err != nil {
		return err
	}
	s.store.pending, s.store.broken = nil, errors.New("front: the server was reset")
	entries, err := os.ReadDir(s.store.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".journal") || e.Name() == besides {
			if err := os.Remove(filepath.Join(s.store.dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close closes the journal, if there is one: what was acknowledged is durable already.
func (s *Server) Close() error {
	s.mu.Lock()
	st := s.store
	s.mu.Unlock()
	if st == nil {
		return nil
	}
	return cmp.Or(s.commit(st), st.journal.Close())
}

// begin makes the world: a new one, or one that adopts the plane of the journal. It reports
// whether the plane is new.
func (s *Server) begin(config sim.Config) (bool, error) {
	s.kept, s.store = kept{}, nil
	if s.config.Journal == "" {
		s.world = sim.New(config)
		return true, nil
	}
	config.Plane.Seed = config.Seed
	plane, err := s.open(config.Plane)
	if err != nil {
		return false, err
	}
	fresh := plane.Now().IsZero()
	if !fresh && s.config.Manual {
		config.Start = plane.Now() // time stood still meanwhile
	}
	config.Images = s.kept.Behaviours
	s.world = sim.Adopt(config, plane)
	st := s.store
	s.world.Keep(func(records []control.Record) { st.pending = append(st.pending, records...) })
	for _, l := range s.kept.Loads {
		s.world.SetLoad(l.Cluster, l.Service, l.RequestsPerMinute)
	}
	for _, own := range s.kept.Own {
		s.world.Leave(own.Cluster, own.Instance)
	}
	return fresh, nil
}

// leave takes an instance out of the simulation: it has an agent of its own.
func (s *Server) leave(cluster string, id ecs.InstanceID) error {
	s.world.Leave(cluster, id)
	if own := (ownInstance{cluster, id}); !slices.Contains(s.kept.Own, own) {
		s.kept.Own = append(s.kept.Own, own)
		return s.keep()
	}
	return nil
}
