package front

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver/journal"
	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/examples/localecs/front/ecr"
)

// kept is what a server knows besides its plane.
type kept struct {
	Settings   []accountSetting         `json:"settings,omitzero"`
	Behaviours map[string]sim.Behaviour `json:"behaviours,omitzero"` // by image
	Loads      []serviceLoad            `json:"loads,omitzero"`
	Own        []ownInstance            `json:"own,omitzero"`
	Registry   *ecr.Registry            `json:"registry,omitzero"`

	Hooks  map[string]ecs.LifecycleHookStatus `json:"hooks,omitzero"`  // what functions answer, by ARN
	Groups json.RawMessage                    `json:"groups,omitzero"` // of EC2 Auto Scaling
}

// ownInstance is an instance with an agent of its own.
type ownInstance struct {
	Cluster  string         `json:"cluster"`
	Instance ecs.InstanceID `json:"instance"`
}

// store is where a server with a journal keeps its records. Calls append to pending while
// they hold the server's lock and are answered after commit: the one that commits writes and syncs
// for all that came meanwhile, so that many clients share one sync.
type store struct {
	dir     string
	journal *journal.Journal
	pending []control.Record
	broken  error // of the journal: nothing is acknowledged any more
}

const besides = "localecs.json" // the file of what is kept besides the plane

// resume returns the plane that is kept in the journal's directory, a new one if there is none, and what
// is kept besides it.
func (s *region) resume(config control.Config) (*control.Plane, *store, kept, error) {
	var known kept
	plane, j, err := journal.Open(s.config.Journal, journal.Config{Plane: config})
	if err != nil {
		return nil, nil, known, err
	}
	s.report(j.Found())
	data, err := os.ReadFile(filepath.Join(s.config.Journal, besides))
	if errors.Is(err, os.ErrNotExist) {
		data, err = []byte("{}"), nil
	}
	if err == nil {
		err = json.Unmarshal(data, &known)
	}
	if err != nil {
		return nil, nil, known, errors.Join(fmt.Errorf("front: %s: %w", besides, err), j.Close())
	}
	if known.Registry == nil {
		known.Registry = &ecr.Registry{}
	}
	return plane, &store{dir: s.config.Journal, journal: j}, known, nil
}

// report passes on what Open found besides the journal.
func (s *region) report(found journal.Found) {
	if s.config.Report == nil {
		return
	}
	for _, path := range found.Strays {
		s.config.Report(path + " is not the journal's, and was left alone.")
	}
	if found.Torn != "" {
		s.config.Report(fmt.Sprintf("%d bytes at the journal's end could not be read; they are kept in %s.",
			found.TornBytes, found.Torn))
	}
}

// commit returns when all that was done up to now is durable. It must be called without the
// server's lock.
func (s *region) commit(st *store) error {
	if st == nil {
		return nil
	}
	s.turn.Lock()
	defer s.turn.Unlock()
	s.mu.Lock()
	records := st.pending
	st.pending = nil
	var taken control.Snapshot
	due := st.broken == nil && st.journal.SnapshotDue() && s.world.Plane().Failed() == nil
	if due {
		taken = whole(s.world.Plane().Save())
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
		err = st.journal.Snapshot(context.Background(), taken)
	}
	if err != nil {
		err = &ecs.Error{Code: ecs.ServerException, Message: "The journal failed: " + err.Error(), Err: err}
		s.mu.Lock()
		st.broken = err
		s.mu.Unlock()
	}
	return err
}

// whole is a snapshot with all its chunks.
func whole(s *control.Saving) control.Snapshot {
	const size = 1024
	var chunks [][]byte
	for chunk := s.Next(size); chunk != nil; chunk = s.Next(size) {
		chunks = append(chunks, chunk)
	}
	taken := s.Snapshot()
	taken.Chunks = func(yield func([]byte, error) bool) {
		for _, chunk := range chunks {
			if !yield(chunk, nil) {
				return
			}
		}
	}
	return taken
}

// mostKept is how many images behave as they were told to, and how many settings of principals there are.
const mostKept = 1000

// prune forgets services and instances that are gone.
func (s *region) prune() {
	p := s.world.Plane()
	s.kept.Loads = slices.DeleteFunc(s.kept.Loads, func(l serviceLoad) bool {
		out, err := p.DescribeServices(api.DescribeServicesInput{Cluster: l.Cluster, Services: []string{l.Service}})
		return err != nil || len(out.Services) == 0 || out.Services[0].Status == ecs.ServiceStatusInactive
	})
	s.kept.Own = slices.DeleteFunc(s.kept.Own, func(o ownInstance) bool {
		out, err := p.DescribeContainerInstances(api.DescribeContainerInstancesInput{Cluster: o.Cluster,
			ContainerInstances: []string{string(o.Instance)}})
		return err != nil || len(out.ContainerInstances) == 0 ||
			out.ContainerInstances[0].Status == ecs.ContainerInstanceStatusInactive
	})
}

// keep makes durable what the server knows besides its plane.
func (s *region) keep() error {
	s.prune()
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

// ready returns why nothing may be done: a call panicked and left the plane half changed, which a
// reset ends; or the journal cannot be kept. Each call tries again to open it before it is
// refused; what was acknowledged is there, and a call that was refused has not been.
func (s *region) ready() error {
	if s.world != nil {
		if err := s.world.Plane().Failed(); err != nil {
			return &ecs.Error{Code: ecs.ServerException,
				Message: "The control plane has ended, so nothing can be done: " + err.Error(), Err: err}
		}
	}
	if s.store == nil || s.store.broken == nil {
		return nil
	}
	if j := s.store.journal; j != nil {
		s.store.journal = nil
		if err := j.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
			s.store.broken = errors.Join(s.store.broken, err)
		}
	}
	return s.lost(s.open(s.config.Now()))
}

// lost notes that the journal could not be opened, if so, and returns the refusal of all calls.
func (s *region) lost(err error) error {
	if err == nil || s.config.Journal == "" {
		return err
	}
	err = &ecs.Error{Code: ecs.ServerException,
		Message: "The journal cannot be kept, so nothing can be done: " + err.Error(), Err: err}
	s.store = &store{dir: s.config.Journal, broken: err}
	return err
}

// reset begins again, with an empty journal. If that fails, calls are refused until it succeeds.
func (s *region) reset(start time.Time) error {
	if err := s.end(); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lost(s.open(start))
}

// end closes the journal and removes it. Calls that are under way are refused.
func (s *region) end() error {
	s.turn.Lock()
	defer s.turn.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.store == nil {
		return nil
	}
	j := s.store.journal
	s.store.journal, s.store.pending, s.store.broken = nil, nil, errors.New("front: the server was reset")
	if j != nil {
		if err := j.Close(); err != nil {
			return s.lost(err)
		}
	}
	return s.lost(forget(s.config.Journal))
}

// forget removes what a server writes into a directory, and nothing else.
func forget(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if written.MatchString(e.Name()) {
			if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// written are the names of the files that a server writes.
var written = regexp.MustCompile(`^(\d{20}\.journal|localecs\.json(\.new)?)$`)

// close closes the journal, if there is one.
func (s *region) close() error {
	s.mu.Lock()
	st := s.store
	s.mu.Unlock()
	if st == nil {
		return nil
	}
	err := s.commit(st)
	s.turn.Lock()
	defer s.turn.Unlock()
	if st.journal == nil {
		return err
	}
	return errors.Join(err, st.journal.Close())
}

// begin makes the world: a new one, or one that adopts the plane of the journal. It reports
// whether the plane is new.
func (s *region) begin(config sim.Config) (bool, error) {
	if s.config.Journal == "" {
		s.kept = kept{Registry: &ecr.Registry{}}
		s.simulate(sim.New(config))
		s.refuse()
		s.sim.Keep(func([]control.Record) {}) // nobody asks for them, and they would grow for ever
		return true, nil
	}
	config.Plane.Seed = config.Seed
	plane, st, known, err := s.resume(config.Plane)
	if err != nil {
		return false, err
	}
	s.store, s.kept = st, known
	fresh := plane.Now().IsZero()
	if !fresh && s.config.Manual {
		config.Start = plane.Now() // time stood still meanwhile
	}
	config.Images = s.kept.Behaviours
	s.simulate(sim.Adopt(config, plane))
	if s.kept.Groups != nil {
		if err := s.sim.RestoreAutoScaling(s.kept.Groups); err != nil {
			return false, errors.Join(fmt.Errorf("front: %s: %w", besides, err), st.journal.Close())
		}
	}
	s.refuse()
	s.sim.Keep(func(records []control.Record) { st.pending = append(st.pending, records...) })
	for function, status := range s.kept.Hooks { //order:any each by itself
		s.sim.AnswerHook(function, status)
	}
	for _, l := range s.kept.Loads {
		s.sim.SetLoad(l.Cluster, l.Service, l.RequestsPerMinute)
	}
	for _, own := range s.kept.Own {
		s.sim.Leave(own.Cluster, own.Instance)
	}
	return fresh, nil
}

// refuse has the agents of the world ask the registry for the images that it has.
func (s *region) refuse() {
	s.sim.Refuse(func(image string) string { return s.kept.Registry.Refusal(images{s}.home(), image) })
}

// leave takes an instance out of the simulation: it has an agent of its own.
func (s *region) leave(cluster string, id ecs.InstanceID) error {
	s.sim.Leave(cluster, id)
	if own := (ownInstance{cluster, id}); !slices.Contains(s.kept.Own, own) {
		s.kept.Own = append(s.kept.Own, own)
		return s.keep()
	}
	return nil
}
