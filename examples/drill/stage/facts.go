package stage

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/examples/drill/scenario"
)

// Facts are what happened in a scenario, as the plane has it, and what one run of the command did.
type Facts struct {
	Names scenario.Names

	Calls    []Call // the first ones, in order
	Requests int    // all calls
	Busiest  int    // most calls within one real second

	Mine []Deployment // of the command, the oldest first, as they are at the end
	Exit string       // status of the command's last deployment when the command ended; "" without one

	ServedBefore, ServedAtExit, ServedAtEnd []string // revisions with their running tasks
	Old                                     []string // revisions that were used before
	Fresh                                   bool     // when the command ended, only other revisions than Old served
	FreshAtEnd                              bool     // the same, at the end

	DeployedAt, TruthAt, ExitedAt time.Duration // virtual, since the command began; 0: never

	Effects    []Effect // what the command did besides
	Unmodelled []string // actions that nothing here answers
	Astray     []Astray // names that are not the drill's
	Writes     []string // calls that were carried out, the first ones, in order: "ecs:UpdateService web web:2"
	Left       string   // the revision of a deployment of the command that the service names at the end, or ""
	Registered []string // revisions, by the command
	Unused     []string // those of them that no deployment used

	Crashes  int              // tasks of a new revision that ended by themselves after the truth
	Happened []Happened       // what the scenario itself did
	Changes  []message.Change // of the world while the command ran and after
	Began    time.Time        // virtual time 0
	Apart    bool             // of two runs, one waited for the other in vain: their deployments do not overlap
}

// Effect is something that the command did besides deploying.
type Effect struct {
	Code string // W1, W2 or W3; package verdict lists them
	Text string
}

// Happened is something that the scenario did.
type Happened struct {
	At   time.Duration // virtual
	Text string
}

// record is what was seen of the command.
type record struct {
	calls      []Call
	requests   int
	second     time.Time // real, of the present second
	inSecond   int
	busiest    int
	mine       []string // IDs of its deployments
	effects    []Effect
	unmodelled []string
	astray     []Astray
	writes     []string
	registered []string
}

// mostCalls is how many calls are kept.
const mostCalls = 2000

// note keeps a call.
func (r *record) note(c Call, now time.Time) {
	r.requests++
	if len(r.calls) < mostCalls {
		r.calls = append(r.calls, c)
	}
	if now.Sub(r.second) >= time.Second {
		r.second, r.inSecond = now, 0
	}
	r.inSecond++
	r.busiest = max(r.busiest, r.inSecond)
}

// effect keeps what the command did besides, once.
func (r *record) effect(code, text string) {
	if e := (Effect{code, text}); !slices.Contains(r.effects, e) && len(r.effects) < 100 {
		r.effects = append(r.effects, e)
	}
}

// afterwards is how long time runs on when all is at rest, so that what is wrong later shows.
const afterwards = 30 * time.Minute

// Ended is called when a run of the command has ended: what serves then is noted.
func (s *Stage) Ended(number int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.leave(s.runs[number])
}

// leave notes what serves when a run ends.
func (s *Stage) leave(r *run) {
	if r.over {
		return
	}
	r.over = true
	s.broken = errors.Join(s.broken, s.server.World(func(w *sim.World) (err error) {
		if err = s.follow(w, false); err == nil {
			r.exit, err = s.shown(w.Plane())
		}
		r.exitedAt = w.Now().Sub(s.began)
		return err
	}))
	s.called = s.config.Now()
	s.progress()
}

// End is called when the command has ended, and returns the facts of each of its runs. Time runs on until the service
// is at rest, for an hour at most, and for half an hour more. The error says that the scenario itself could not be
// played.
func (s *Stage) End() ([]Facts, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.runs {
		s.leave(r)
	}
	s.ended = true
	if s.broken != nil {
		return nil, s.broken
	}
	var list []Facts
	err := s.server.World(func(w *sim.World) error {
		if err := s.settle(w, leaps); err != nil {
			return err
		}
		if err := s.pass(w, afterwards); err != nil {
			return err
		}
		end, err := s.shown(w.Plane())
		if err != nil {
			return err
		}
		var changes []message.Change
		for c := range w.Changes() {
			if !c.At.Time().Before(s.began) {
				changes = append(changes, c)
			}
		}
		for _, r := range s.runs {
			list = append(list, s.facts(r, end, changes))
		}
		return nil
	})
	return list, err
}

// facts are those of a run, by the states when it ended and at the end.
func (s *Stage) facts(r *run, end state, changes []message.Change) Facts {
	exit := r.exit
	f := Facts{Names: s.names, Began: s.began, Changes: changes, ExitedAt: r.exitedAt, Apart: s.apart,
		Happened: s.happened}
	f.Calls, f.Requests, f.Busiest = r.calls, r.requests, r.busiest
	f.Effects, f.Unmodelled = r.effects, r.unmodelled
	f.Astray, f.Writes = r.astray, r.writes
	f.Registered = r.registered
	f.ServedBefore, f.ServedAtExit, f.ServedAtEnd = revisions(s.before.serving), revisions(exit.serving),
		revisions(end.serving)
	f.Old = slices.Sorted(maps.Keys(s.before.used))
	f.Fresh, f.FreshAtEnd = s.before.replaced(exit), s.before.replaced(end)
	if !r.deployed.IsZero() {
		f.DeployedAt = r.deployed.Sub(s.began)
	}
	for _, id := range r.mine {
		for _, d := range exit.deployments {
			if d.ID == id {
				f.Exit = d.Status
			}
		}
		for _, d := range end.deployments {
			if d.ID == id {
				f.Mine = append(f.Mine, d)
				if f.TruthAt = 0; d.Over {
					f.TruthAt = d.Ended.Sub(s.began)
				}
			}
		}
	}
	if slices.ContainsFunc(f.Mine, func(d Deployment) bool { return d.Revision == end.names }) {
		f.Left = end.names
	}
	for _, name := range f.Registered {
		if !slices.ContainsFunc(f.Mine, func(d Deployment) bool { return d.Revision == name || d.Revision == "" }) {
			f.Unused = append(f.Unused, name)
		}
	}
	if end.suspended && !s.before.suspended {
		r.effect("W3", "left the scaling of the service suspended")
		f.Effects = r.effects
	}
	f.Crashes = crashes(f.Changes, s.began.Add(f.TruthAt), f.Old)
	return f
}

// replaced reports whether of the revisions that were used before none runs any more.
func (s state) replaced(now state) bool {
	if !now.there {
		return false
	}
	for r := range now.serving { //order:any looks for any
		if s.used[r] {
			return false
		}
	}
	return true
}

// crashes counts the tasks of new revisions that ended by themselves after a time.
func crashes(changes []message.Change, after time.Time, old []string) (n int) {
	for _, c := range changes {
		known := slices.ContainsFunc(old, func(r string) bool {
			_, number, _ := strings.Cut(r, ":")
			return number == strconv.Itoa(c.Revision)
		})
		stopped := c.Kind == message.ChangeTask && c.Status == string(ecs.TaskStatusStopped)
		if stopped && c.At.Time().After(after) && !known && strings.HasPrefix(c.Text, "Essential container") {
			n++
		}
	}
	return n
}
