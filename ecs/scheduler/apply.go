package scheduler

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// Choices decide what a plan leaves open. The zero Choices has room for every task and stops
// the first candidates.
type Choices struct {
	// Place completes a task that a Start asks for: it may set ID, Instance, Zone and
	// CapacityProvider. If it returns false there is no room, for reason.
	Place func(s Start, t *Task) (ok bool, reason string)
	// Pick returns s.Count of the candidates, which are indices in View.Tasks.
	Pick func(s Stop, candidates []int) []int
}

// Apply returns the view after the plan was carried out at once and without a hitch: tasks to stop
// have the desired status STOPPED, tasks to start exist and are PENDING, forgotten ones are gone,
// what is shown once is gone, and the events stand in Service.Events. The caller adds what the
// world does next: how tasks come to run and stop. v is not changed.
func Apply(v View, p Plan, now time.Time, c Choices) View {
	tasks := slices.Clone(v.Tasks)
	for _, s := range p.Stop {
		for _, i := range stopIndices(v, s, now, c) {
			tasks[i].DesiredStatus, tasks[i].StopCode = ecs.DesiredStatusStopped, s.StopCode
		}
	}
	for _, n := range p.Notes {
		if i := taskIndex(tasks, n.Task); i >= 0 {
			tasks[i].Noted = n.Health
		}
	}
	if len(p.Forget) > 0 {
		forget := make(map[ecs.TaskID]bool, len(p.Forget))
		for _, id := range p.Forget {
			forget[id] = true
		}
		tasks = slices.DeleteFunc(tasks, func(t Task) bool { return forget[t.ID] })
	}
	v.Answers, v.Requests = nil, nil
	v.PlacementFailures, v.CapacityChanged = nil, false
	if p.State != nil {
		v.State = *p.State
	}
	next := lastNumber(v.Tasks)
	started := 0
	for _, s := range p.Start {
		failed := PlacementFailure{Deployment: s.Deployment, Zone: s.Zone}
		for range s.Count {
			next++
			t := Task{ID: ecs.TaskID(fmt.Sprintf("%032x", next)), Deployment: s.Deployment, CreatedAt: ecs.At(now),
				LastStatus: ecs.TaskStatusPending, DesiredStatus: ecs.DesiredStatusRunning,
				Instance: s.Instance, Zone: s.Zone, CapacityProvider: s.CapacityProvider}
			if c.Place != nil {
				if ok, reason := c.Place(s, &t); !ok {
					failed.Count++
					failed.Reason = reason
					continue
				}
			}
			tasks = append(tasks, t)
			started++
		}
		if failed.Count > 0 {
			v.PlacementFailures = append(v.PlacementFailures, failed)
		}
	}
	v.Launches.Now = max(0, v.Launches.Now-started)
	v.Tasks = tasks
	v.Service.Events = AppendEvents(v.Service.Events, p.Events)
	return v
}

func stopIndices(v View, s Stop, now time.Time, c Choices) []int {
	var found []int
	if s.Class != "" {
		found = v.Candidates(s, now)
		if c.Pick != nil {
			return c.Pick(s, found)
		}
		return found[:s.Count]
	}
	named := make(map[ecs.TaskID]bool, len(s.Tasks))
	for _, id := range s.Tasks {
		named[id] = true
	}
	for i := range v.Tasks {
		if named[v.Tasks[i].ID] {
			found = append(found, i)
		}
	}
	return found
}

func taskIndex(tasks []Task, id ecs.TaskID) int {
	return slices.IndexFunc(tasks, func(t Task) bool { return t.ID == id })
}

// lastNumber returns the largest number that a task ID of the view reads as.
func lastNumber(tasks []Task) uint64 {
	var last uint64
	for i := range tasks {
		if id := string(tasks[i].ID); len(id) >= 16 {
			if n, err := strconv.ParseUint(id[len(id)-16:], 16, 64); err == nil {
				last = max(last, n)
			}
		}
	}
	return last
}
