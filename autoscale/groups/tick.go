package groups

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// drainPoll is how often instances that drain are looked at.
const drainPoll = 10 * time.Second

// schedule sets what of a group does not wait for an event.
func (s *Service) schedule(now time.Time, r *record) {
	r.Evaluate = 0
	if slices.ContainsFunc(r.Policies, (*policy).decides) {
		r.Evaluate = ecs.At(now.Truncate(time.Minute).Add(time.Minute))
	}
}

// next returns when the group must be looked at; 0: not before something happens.
func (r *record) next() ecs.Instant {
	first := earlier(r.Look, r.Evaluate)
	for _, a := range r.Actions {
		first = earlier(first, a.Next)
	}
	for _, m := range r.Members { //order:any the earliest
		for _, w := range m.Waits {
			first = earlier(first, w.Deadline)
			if w.Hook == managedDrainingHook {
				first = earlier(first, m.Polled.Add(drainPoll))
			}
		}
	}
	return first
}

func earlier(a, b ecs.Instant) ecs.Instant {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// Next returns when Tick is due, and false if nothing is until something happens.
func (s *Service) Next() (time.Time, bool) {
	first := ecs.Instant(0)
	for _, r := range s.state.Groups {
		first = earlier(first, r.next())
	}
	return first.Time(), first != 0
}

// Tick does what is due: hooks that time out, scheduled actions, policies, instances that drain.
func (s *Service) Tick(now time.Time) {
	for _, r := range slices.Clone(s.state.Groups) {
		at := r.next()
		if at == 0 || at > ecs.At(now) {
			continue
		}
		s.manage(r)
		s.drain(now, r)
		s.expire(now, r)
		s.act(now, r)
		if r.Evaluate != 0 && r.Evaluate <= ecs.At(now) {
			s.evaluate(now, r)
		}
		s.settle(now, r)
	}
}

// State returns all that the Service keeps, as JSON.
func (s *Service) State() (json.RawMessage, error) { return json.Marshal(s.state) }

// Restore sets what the Service keeps to what State returned. It fails, and changes nothing, where that is not JSON.
func (s *Service) Restore(data json.RawMessage) error {
	var next state
	if err := json.Unmarshal(data, &next); err != nil {
		return err
	}
	for _, r := range next.Groups {
		if r.Members == nil {
			r.Members = map[string]*member{}
		}
	}
	s.state = next
	return nil
}

// Instances returns the IDs of the instances of a group, in the order in which they were launched.
func (s *Service) Instances(groupName string) []string {
	r, err := s.find(groupName)
	if err != nil {
		return nil
	}
	var ids []string
	for _, i := range r.Group.Instances {
		ids = append(ids, i.InstanceID)
	}
	return ids
}
