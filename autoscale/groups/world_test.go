package groups_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale/group"
	"github.com/bayplan/bayplan/autoscale/groups"
	"github.com/bayplan/bayplan/ecs"
)

// world is what a Service acts on in tests: each instance boots after a minute and a half.
type world struct {
	groups.World
	t        require.TestingT
	now      time.Time
	service  *groups.Service
	launched []groups.Launch
	boots    map[string]time.Time
	running  map[string]bool
	drained  []string
	managed  *groups.Management
	tasks    map[string]int
	metric   func(m groups.Metric) (float64, bool)
	refuse   error
}

const boot = 90 * time.Second

func newWorld(t require.TestingT) *world {
	w := &world{t: t, now: time.Date(2026, 12, 1, 8, 0, 0, 0, time.UTC), boots: map[string]time.Time{},
		running: map[string]bool{}, tasks: map[string]int{}}
	w.service = groups.New(config(), w)
	return w
}

func config() groups.Config {
	return groups.Config{Seed: 1, Region: "us-east-1", Account: "123456789012", Location: time.LoadLocation,
		Zones: []string{"us-east-1a", "us-east-1b", "us-east-1c"}, InstanceTypes: []string{"m5.large", "c5.xlarge"},
		ZoneOfSubnet: map[string]string{"subnet-a": "us-east-1a", "subnet-b": "us-east-1b"}}
}

func (w *world) RunInstance(l groups.Launch) (string, error) {
	if w.refuse != nil {
		return "", w.refuse
	}
	w.launched = append(w.launched, l)
	id := fmt.Sprintf("i-%04d", len(w.launched))
	w.boots[id], w.running[id] = w.now.Add(boot), true
	return id, nil
}

func (w *world) TerminateInstance(id string) {
	require.True(w.t, w.running[id], "%s runs no longer", id)
	delete(w.running, id)
	delete(w.boots, id)
}

func (w *world) DrainInstance(id string)          { w.drained = append(w.drained, id) }
func (w *world) Tasks(id string) (tasks, day int) { return w.tasks[id], 0 }
func (w *world) Managed(string, string) (groups.Management, bool) {
	if w.managed == nil {
		return groups.Management{}, false
	}
	return *w.managed, true
}

func (w *world) Metric(m groups.Metric) (float64, bool) {
	if w.metric == nil {
		return 0, false
	}
	return w.metric(m)
}

// pass lets time pass: what is due happens in its order.
func (w *world) pass(d time.Duration) {
	for end := w.now.Add(d); ; {
		next, id := end, ""
		for instance, at := range w.boots {
			if at.Before(next) || at.Equal(next) && (id == "" || instance < id) {
				next, id = at, instance
			}
		}
		if at, ok := w.service.Next(); ok && !at.After(next) {
			next, id = at, ""
			if next.Before(w.now) {
				next = w.now
			}
			w.now = next
			w.service.Tick(w.now)
			again, ok := w.service.Next()
			require.True(w.t, !ok || again.After(w.now), "a Tick leaves something due")
			continue
		}
		w.now = next
		if id == "" {
			return
		}
		delete(w.boots, id)
		w.service.Booted(w.now, id)
	}
}

// ended lets an instance end by itself.
func (w *world) ended(id string) {
	delete(w.running, id)
	delete(w.boots, id)
	w.service.Gone(w.now, id)
}

// create makes the group web with sizes.
func (w *world) create(low, high, desired int, more ...func(*groups.CreateAutoScalingGroupInput)) {
	in := groups.CreateAutoScalingGroupInput{AutoScalingGroupName: "web", Settings: groups.Settings{
		MinSize: ecs.Some(low), MaxSize: ecs.Some(high), DesiredCapacity: ecs.Some(desired),
		AvailabilityZones: []string{"us-east-1a", "us-east-1b"},
		LaunchTemplate:    &groups.LaunchTemplateSpecification{LaunchTemplateName: "m5.large"}}}
	for _, f := range more {
		f(&in)
	}
	require.NoError(w.t, w.service.CreateAutoScalingGroup(w.now, in))
}

// web describes the group web.
func (w *world) web() groups.ShownGroup {
	out, err := w.service.DescribeAutoScalingGroups(groups.DescribeAutoScalingGroupsInput{})
	require.NoError(w.t, err)
	require.Len(w.t, out.AutoScalingGroups, 1)
	return out.AutoScalingGroups[0]
}

// states counts the instances of web by state.
func (w *world) states() map[group.LifecycleState]int {
	count := map[group.LifecycleState]int{}
	for _, i := range w.web().Instances {
		count[i.LifecycleState]++
	}
	return count
}

// activities are the descriptions and statuses of all activities, the newest first.
func (w *world) activities() []groups.Activity {
	out, err := w.service.DescribeScalingActivities(groups.DescribeScalingActivitiesInput{})
	require.NoError(w.t, err)
	return out.Activities
}

// refused is the code and the sentence of an error.
func refused(t *testing.T, err error) string {
	t.Helper()
	require.Error(t, err)
	for e := range ecs.Errors(err) {
		return string(e.Code) + ": " + e.Message
	}
	return err.Error()
}
