package feasible_test

import (
	"errors"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/placement"
)

// course follows the one course that the deployment takes with placement's own choices, and
// reports whether it reaches a steady state.
func (f *fleet) course(seed uint64) bool {
	x := &explorer{f: f}
	v, now := f.view(), epoch.Add(time.Hour)
	for steps := 0; ; steps++ {
		if steps > 200 {
			panic("no end of it")
		}
		key := x.key(v, now)
		p := scheduler.Reconcile(v, now)
		tasks := slices.Clone(v.Tasks)
		w := scheduler.Apply(v, p, now, scheduler.Choices{
			Pick: func(s scheduler.Stop, candidates []int) []int {
				r := f.request(f.revOf(s.Deployment))
				r.Seed = seed + uint64(steps)
				var among []scheduler.Task
				for _, i := range candidates {
					among = append(among, tasks[i])
				}
				var picked []int
				for _, id := range placement.Victims(f.snapshot(tasks), r, f.running(among), s.Count) {
					i := slices.IndexFunc(tasks, func(t scheduler.Task) bool { return t.ID == id })
					picked = append(picked, i)
					tasks[i].DesiredStatus = ecs.DesiredStatusStopped
				}
				return picked
			},
			Place: func(s scheduler.Start, t *scheduler.Task) (bool, string) {
				for _, stop := range p.Stop {
					for _, id := range stop.Tasks {
						tasks[slices.IndexFunc(tasks, func(t scheduler.Task) bool {
							return t.ID == id
						})].DesiredStatus = ecs.DesiredStatusStopped
					}
				}
				r := f.request(f.revOf(s.Deployment))
				r.Seed = seed + uint64(len(tasks))
				at, err := placement.Place(f.snapshot(tasks), r)
				var not *placement.NotPlaced
				if errors.As(err, &not) {
					return false, not.Error()
				}
				if err != nil {
					panic(err)
				}
				t.Instance = at.Instance
				tasks = append(tasks, *t)
				return true, ""
			},
		})
		w = settle(w)
		if x.key(w, now.Add(time.Minute)) == key {
			return slices.ContainsFunc(w.State.Said, func(s scheduler.Said) bool { return s.Cause == "STEADY_STATE" })
		}
		v, now = w, now.Add(time.Minute)
	}
}
