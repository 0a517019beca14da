package feasible_test

import (
	"bytes"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/feasible"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// fortune is what all possible courses of a deployment come to.
type fortune struct {
	ends, rests bool // some course ends; some course comes to rest before the end
}

// explorer follows a deployment through every choice that Reconcile leaves open: which tasks
// to stop, on which hosts to place, and whether a start finds the room of the stops of its
// own plan already free. It knows of hosts what the documentation says, and nothing of how
// the verdict is reached.
type explorer struct {
	f     *fleet
	seen  map[string]fortune
	rests map[feasible.Rest]bool // the states at rest that were met
}

func explore(f *fleet) fortune {
	got, _ := exploreRests(f)
	return got
}

// exploreRests also returns the states at rest.
func exploreRests(f *fleet) (fortune, map[feasible.Rest]bool) {
	x := &explorer{f: f, seen: map[string]fortune{}, rests: map[feasible.Rest]bool{}}
	return x.follow(f.view(), epoch.Add(time.Hour)), x.rests
}

// follow returns what comes of a view at which the world has settled.
func (x *explorer) follow(v scheduler.View, now time.Time) fortune {
	key := x.key(v, now)
	if known, ok := x.seen[key]; ok {
		return known
	}
	p := scheduler.Reconcile(v, now)
	if len(p.Start)+len(p.Stop) == 0 {
		w := settle(scheduler.Apply(v, p, now, scheduler.Choices{}))
		if at := then(w, now); x.key(w, at) != key {
			return x.remember(key, x.follow(w, at))
		}
		steady := slices.ContainsFunc(append(v.State.Said, said(p)...), func(s scheduler.Said) bool {
			return s.Cause == "STEADY_STATE"
		})
		if !steady {
			x.rest(v)
		}
		return x.remember(key, fortune{ends: steady, rests: !steady})
	}
	x.seen[key] = fortune{} // a way back here is no way out
	var all fortune
	next := map[string]bool{}
	moved, counts := false, x.counts(v)
	for _, stops := range x.stopChoices(v, p, now) {
		for _, freed := range []bool{false, true} {
			for _, starts := range x.startChoices(v, p, stops, freed) {
				k := x.after(counts, p, stops, starts)
				if next[k] {
					continue
				}
				next[k] = true
				w := x.apply(v, p, now, stops, starts)
				at := then(w, now)
				if x.key(w, at) == key {
					continue
				}
				moved = true
				got := x.follow(w, at)
				all.ends, all.rests = all.ends || got.ends, all.rests || got.rests
			}
			if len(p.Stop) == 0 {
				break
			}
		}
	}
	if !moved || all == (fortune{}) { // or it goes round: what finds no room is tried in turn
		all.rests = true
		x.rest(v)
	}
	return x.remember(key, all)
}

func (x *explorer) rest(v scheduler.View) {
	var r feasible.Rest
	for _, t := range v.Tasks {
		if x.f.revOf(t.Deployment) == 0 && !t.InstanceDraining {
			r.Placed++
		} else {
			r.Old++
		}
	}
	x.rests[r] = true
}

func said(p scheduler.Plan) []scheduler.Said {
	if p.State == nil {
		return nil
	}
	return p.State.Said
}

func (x *explorer) remember(key string, got fortune) fortune {
	x.seen[key] = got
	return got
}

// then is when the scheduler looks again: at once where tasks of older deployments found no room, so that the
// others have their turn, and else when all may try again.
func then(w scheduler.View, now time.Time) time.Time {
	if len(w.PlacementFailures) > 0 {
		return now
	}
	return now.Add(time.Minute)
}

// key is all of a settled view that matters to what comes. Hosts that are alike are not told
// apart.
func (x *explorer) key(v scheduler.View, now time.Time) string {
	key := x.columns(x.counts(v))
	for _, d := range v.State.Rollouts {
		key = append(key, byte(x.f.revOf(d.ID)), byte(d.DesiredCount), d.Status[0], d.RolloutState[0])
		key = append(key, d.Stages.Stage...)
		if d.PlaceAfter > ecs.At(now) {
			key = append(key, '?')
		}
	}
	for _, s := range v.State.Said {
		key = append(key, s.Cause[0])
	}
	for _, f := range v.PlacementFailures {
		key = append(key, '!', byte(x.f.revOf(f.Deployment)))
	}
	return string(key)
}

// counts returns the tasks by host and revision.
func (x *explorer) counts(v scheduler.View) []byte {
	counts := make([]byte, len(x.f.revs)*len(x.f.hosts))
	for i := range v.Tasks {
		counts[x.f.hostOf(v.Tasks[i].Instance)*len(x.f.revs)+x.f.revOf(v.Tasks[i].Deployment)]++
	}
	return counts
}

// columns sorts the counts of hosts that are alike.
func (x *explorer) columns(counts []byte) []byte {
	r := len(x.f.revs)
	for h := range x.f.hosts {
		for g := range h {
			if x.f.hosts[g] == x.f.hosts[h] && bytes.Compare(counts[g*r:g*r+r], counts[h*r:h*r+r]) > 0 {
				for i := range r {
					counts[g*r+i], counts[h*r+i] = counts[h*r+i], counts[g*r+i]
				}
			}
		}
	}
	return counts
}

// after returns what counts will be once a plan is carried out as dealt.
func (x *explorer) after(counts []byte, p scheduler.Plan, stops, starts dealt) string {
	counts = slices.Clone(counts)
	for i, s := range p.Stop {
		for h, n := range stops[i] {
			counts[h*len(x.f.revs)+x.f.revOf(s.Deployment)] -= byte(n)
		}
	}
	for i, s := range p.Start {
		for h, n := range starts[i] {
			counts[h*len(x.f.revs)+x.f.revOf(s.Deployment)] += byte(n)
		}
	}
	return string(x.columns(counts))
}

// dealt is how many tasks of a stop or start of the plan fall to each host.
type dealt [][]int

// stopChoices lists every way to share the plan's stops among the hosts.
func (x *explorer) stopChoices(v scheduler.View, p scheduler.Plan, now time.Time) []dealt {
	all := []dealt{nil}
	for _, s := range p.Stop {
		have := make([]int, len(x.f.hosts))
		var among []int
		if s.Class != "" {
			among = v.Candidates(s, now)
		} else {
			for i := range v.Tasks {
				if slices.Contains(s.Tasks, v.Tasks[i].ID) {
					among = append(among, i)
				}
			}
		}
		for _, i := range among {
			have[x.f.hostOf(v.Tasks[i].Instance)]++
		}
		all = times(all, shares(have, s.Count))
	}
	return all
}

// startChoices lists every way to place the plan's starts, as many as find room.
func (x *explorer) startChoices(v scheduler.View, p scheduler.Plan, stops dealt, freed bool) []dealt {
	all := []dealt{nil}
	for _, s := range p.Start {
		var grown []dealt
		for _, before := range all {
			room := make([]int, len(x.f.hosts))
			sum := 0
			for h := range room {
				room[h] = x.room(v, p, stops, freed, before, x.f.revOf(s.Deployment), h)
				sum += room[h]
			}
			grown = append(grown, times([]dealt{before}, shares(room, min(s.Count, sum)))...)
		}
		all = grown
	}
	return all
}

// room tries tasks on a host until one does not fit.
func (x *explorer) room(v scheduler.View, p scheduler.Plan, stops dealt, freed bool, before dealt, rev, h int) int {
	q, y := x.f.revs[rev], x.f.hosts[h]
	if y.draining || y.disconnected || q.ssd && !y.ssd {
		return 0
	}
	held := make([]int, len(x.f.revs)) // tasks by revision that hold room here
	wanted := 0                        // tasks here that are to run
	id := hostID(h)
	for i := range v.Tasks {
		if t := &v.Tasks[i]; t.Instance == id {
			held[x.f.revOf(t.Deployment)]++
			wanted++
		}
	}
	for i, s := range p.Stop {
		wanted -= stops[i][h]
		if freed {
			held[x.f.revOf(s.Deployment)] -= stops[i][h]
		}
	}
	for i := range before {
		held[x.f.revOf(p.Start[i].Deployment)] += before[i][h]
		wanted += before[i][h]
	}
	cpu, memory, port := y.cpu, y.memory, false
	for r, c := range held {
		cpu, memory = cpu-int64(c)*x.f.revs[r].cpu, memory-int64(c)*x.f.revs[r].memory
		port = port || c > 0 && q.port != 0 && x.f.revs[r].port == q.port
	}
	n := 0
	for n < 13 && cpu >= q.cpu && memory >= q.memory && !port && !(x.f.distinct && wanted > 0) {
		n++
		cpu, memory, port, wanted = cpu-q.cpu, memory-q.memory, q.port != 0, wanted+1
	}
	return n
}

// apply carries the plan out as dealt, and lets the world settle.
func (x *explorer) apply(v scheduler.View, p scheduler.Plan, now time.Time, stops, starts dealt) scheduler.View {
	left := make(dealt, len(starts))
	for i := range starts {
		left[i] = slices.Clone(starts[i])
	}
	w := scheduler.Apply(v, p, now, scheduler.Choices{
		Place: func(s scheduler.Start, t *scheduler.Task) (bool, string) {
			i := slices.IndexFunc(p.Start, func(o scheduler.Start) bool { return o == s })
			for h, n := range left[i] {
				if n > 0 {
					left[i][h]--
					t.Instance = hostID(h)
					return true, ""
				}
			}
			return false, ""
		},
		Pick: func(s scheduler.Stop, candidates []int) []int {
			i := slices.IndexFunc(p.Stop, func(o scheduler.Stop) bool {
				return o.Deployment == s.Deployment && o.Class == s.Class && o.Reason == s.Reason
			})
			want := slices.Clone(stops[i])
			var picked []int
			for _, c := range candidates {
				if h := x.f.hostOf(v.Tasks[c].Instance); want[h] > 0 {
					want[h]--
					picked = append(picked, c)
				}
			}
			return picked
		},
	})
	return settle(w)
}

// settle is the fair world: what was placed is healthy, what was stopped is gone, and what found no place is
// tried again: tasks of older deployments once the others had their turn.
func settle(w scheduler.View) scheduler.View {
	w.Tasks = slices.DeleteFunc(w.Tasks, func(t scheduler.Task) bool {
		return t.DesiredStatus == ecs.DesiredStatusStopped
	})
	for i := range w.Tasks {
		t := &w.Tasks[i]
		t.LastStatus, t.StartedAt, t.ContainerHealth, t.Noted = "RUNNING", ecs.At(epoch),
			ecs.HealthStatusHealthy, ecs.HealthStatusHealthy
	}
	w.PlacementFailures = slices.DeleteFunc(w.PlacementFailures, func(f scheduler.PlacementFailure) bool {
		return slices.ContainsFunc(w.State.Rollouts, func(d scheduler.Rollout) bool {
			return d.ID == f.Deployment && d.Status == ecs.DeploymentStatusPrimary
		})
	})
	w.Service.Events = nil
	return w
}

// shares lists the ways to take n, at most have[h] of each.
func shares(have []int, n int) [][]int {
	if len(have) == 0 {
		if n == 0 {
			return [][]int{nil}
		}
		return nil
	}
	var all [][]int
	for c := 0; c <= min(n, have[0]); c++ {
		for _, rest := range shares(have[1:], n-c) {
			all = append(all, append([]int{c}, rest...))
		}
	}
	return all
}

func times(all []dealt, more [][]int) []dealt {
	var out []dealt
	for _, a := range all {
		for _, m := range more {
			out = append(out, append(slices.Clone(a), m))
		}
	}
	return out
}
