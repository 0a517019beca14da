package stage

import (
	"context"
	"slices"
	"time"
)

// run is a run of the command: what was seen of it, and how far it is.
type run struct {
	record
	arrived  bool          // it has called ECS or CodeDeploy to change something, or waits to do so
	deployed time.Time     // virtual time of its first deployment; zero: none yet
	over     bool          // it has ended
	exit     state         // of the service, when it ended
	exitedAt time.Duration // virtual, since the command began
}

// meet has a call of one of two runs wait, so that their deployments overlap however fast each of them is: neither
// changes anything before both want to; the first run deploys before the second one changes anything; and neither sees
// what becomes of its deployment before both have begun one. A run that is over is not waited for. One that does not
// come within Config.Patience, as it waits for the other itself, ends all waiting.
func (s *Stage) meet(ctx context.Context, number int, q request) {
	patience := time.NewTimer(s.config.Patience)
	defer patience.Stop()
	for {
		ready, changed := s.ready(number, q)
		if ready {
			return
		}
		select {
		case <-changed:
		case <-ctx.Done(): // the client has gone
			return
		case <-patience.C:
			s.mu.Lock()
			s.apart = true
			s.progress()
			s.mu.Unlock()
		}
	}
}

// ready reports whether a call may be carried out; the channel is closed when that may have changed.
func (s *Stage) ready(number int, q request) (bool, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := s.runs[number]
	writes := !q.reads() && (q.service == "ecs" || q.service == "codedeploy")
	if writes && !r.arrived {
		r.arrived = true
		s.progress()
	}
	for i, other := range s.runs {
		awaited := i != number && !other.over && !s.apart
		if awaited && (writes && !other.arrived || writes && i < number && other.deployed.IsZero() ||
			q.reads() && !r.deployed.IsZero() && other.deployed.IsZero()) {
			return false, s.progressed
		}
	}
	return true, nil
}

// progress wakes the calls that wait.
func (s *Stage) progress() {
	close(s.progressed)
	s.progressed = make(chan struct{})
}

// underway reports whether a call that reads lets time run: each run of the command that is not over has begun its
// deployment.
func (s *Stage) underway() bool {
	return !s.deployed.IsZero() &&
		(s.apart || !slices.ContainsFunc(s.runs, func(r *run) bool { return r.deployed.IsZero() && !r.over }))
}
