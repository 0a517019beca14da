package autoscale

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/script"
)

// story is a timeline under construction: a line where something is said.
type story struct {
	strings.Builder
	start time.Time
}

func newStory(title string) *story {
	s := &story{start: noon}
	s.WriteString("# " + title + "\n")
	return s
}

func (s *story) say(now time.Time, format string, args ...any) {
	d := now.Sub(s.start).Round(time.Minute)
	fmt.Fprintf(s, "%02d:%02d  %s\n", int(d.Hours()), int(d.Minutes())%60, fmt.Sprintf(format, args...))
}

// cluster is a capacity provider's group and the tasks on it, two minutes from launch to
// instance, four tasks an instance.
type cluster struct {
	desired  int
	ready    []time.Time // when each instance joins, in order
	launched []time.Time
	waiting  int // tasks in PROVISIONING
	running  int // tasks
	m        cloudwatch.Series
	mem      Memory
}

const perInstance = 4

func (c *cluster) minute(s *story, now time.Time, p ManagedScalingPolicy) {
	joined := 0
	for _, at := range c.ready {
		if !at.After(now) {
			joined++
		}
	}
	if place := min(c.waiting, joined*perInstance-c.running); place > 0 {
		c.waiting, c.running = c.waiting-place, c.running+place
		s.say(now, "%d tasks placed, %d instances, %d of them busy", place, joined, ceilDiv(c.running, perInstance))
	}
	load := GroupLoad{Running: joined, Busy: ceilDiv(c.running, perInstance),
		InstanceTypes: []ecs.Resources{{CPU: 1024 * perInstance}}}
	if c.waiting > 0 {
		load.Provisioning = []Provisioning{{Requirements: ecs.Resources{CPU: 1024}, Count: c.waiting}}
	}
	needed := Needed(p.ManagedScaling, load)
	c.m.Datapoints = append(c.m.Datapoints, cloudwatch.Datapoint{Value: needed.Reservation})
	var youngest ecs.Instant
	if len(c.launched) > 0 {
		youngest = ecs.At(c.launched[len(c.launched)-1])
	}
	capacity := Capacity{Desired: c.desired, Running: joined}
	var d Decision
	d, c.mem = p.Decide(c.mem, now, GroupCapacity{Capacity: capacity, Needed: needed.Needed, Youngest: youngest}, c.m)
	d = Combine(wide(0, 20), capacity, d)
	c.mem = c.mem.Took(d)
	if d.Changes() {
		s.say(now, "reservation %.4g %%: instances %v", needed.Reservation, d)
	}
	c.set(now, d.New)
}

// set carries out a desired capacity: launches, or ends the newest instances.
func (c *cluster) set(now time.Time, n int) {
	for len(c.ready) < n {
		c.ready, c.launched = append(c.ready, now.Add(2*time.Minute)), append(c.launched, now)
	}
	c.ready, c.launched = c.ready[:n], c.launched[:n]
	c.desired = n
}

// From no instance at all: the reservation is 200 %, whatever is needed, which is two instances.
func TestStoryFromZero(t *testing.T) {
	s := newStory("One task is started on a capacity provider without instances. 200 % means two, and one idles.")
	c := &cluster{m: cloudwatch.Series{Start: ecs.At(noon)}}
	p := ManagedScalingPolicy{PolicyName: "group", ManagedScaling: managed(100)}
	for minute := 1; minute <= 40; minute++ {
		now := noon.Add(time.Duration(minute) * time.Minute)
		if minute == 3 {
			c.waiting = 1
			s.say(now, "1 task in PROVISIONING")
		}
		c.minute(s, now, p)
	}
	require.Equal(t, 1, c.desired, "the idle one goes after fifteen minutes")
	s.WriteString("\n# Eleven tasks need three instances; the third comes when the first two are warm.\n")
	c = &cluster{m: cloudwatch.Series{Start: ecs.At(noon)}}
	for minute := 1; minute <= 20; minute++ {
		now := noon.Add(time.Duration(minute) * time.Minute)
		if minute == 3 {
			c.waiting = 11
			s.say(now, "11 tasks in PROVISIONING")
		}
		c.minute(s, now, p)
	}
	require.Equal(t, 3, c.desired)
	s.WriteString("\n# A target of 90 % never rests at zero: two instances come, idle, go, and come again.\n")
	c = &cluster{m: cloudwatch.Series{Start: ecs.At(noon)}}
	p.ManagedScaling = managed(90)
	for minute := 1; minute <= 60; minute++ {
		c.minute(s, noon.Add(time.Duration(minute)*time.Minute), p)
	}
	script.Golden(t, "testdata/story-from-zero.txt", s.String())
}

// The group's size changed by hand: managed scaling takes it back.
func TestStoryByHand(t *testing.T) {
	s := newStory("Two busy instances; somebody sets the group to eight by hand, later to one.")
	c := &cluster{m: cloudwatch.Series{Start: ecs.At(noon)}, running: 8}
	c.set(noon.Add(-time.Hour), 2)
	p := ManagedScalingPolicy{PolicyName: "group", ManagedScaling: managed(100)}
	for minute := 1; minute <= 60; minute++ {
		now := noon.Add(time.Duration(minute) * time.Minute)
		switch minute {
		case 5:
			c.set(now, 8)
			s.say(now, "set to 8 by hand")
		case 40:
			c.set(now, 1)
			c.running, c.waiting = 4, 4
			s.say(now, "set to 1 by hand: 4 tasks are lost and started again")
		}
		c.minute(s, now, p)
	}
	require.Equal(t, 2, c.desired)
	script.Golden(t, "testdata/story-by-hand.txt", s.String())
}

// Two target-tracking policies and a schedule, and nobody understands why it never scales in.
func TestStoryNeverScalesIn(t *testing.T) {
	s := newStory("A service tracks CPU and memory, and a schedule raises its minimum in the morning.")
	cpu, memory := TargetTracking{PolicyName: "cpu", TargetValue: 50}, TargetTracking{PolicyName: "memory",
		TargetValue: 70}
	schedule, err := ParseSchedule("cron(0 13 * * ? *)", nil)
	require.NoError(t, err)
	morning := ScheduledAction{ScheduledActionName: "morning",
		ScalableTargetAction: ScalableTargetAction{MinCapacity: ecs.Some(6)}}
	due, _ := morning.Next(noon, schedule)
	b, c := wide(1, 20), Capacity{Desired: 4, Running: 4}
	load, heap := cloudwatch.Series{Start: ecs.At(noon)}, cloudwatch.Series{Start: ecs.At(noon)}
	var memories [2]Memory
	last := ""
	for minute := 1; minute <= 240; minute++ {
		now := noon.Add(time.Duration(minute) * time.Minute)
		work, held := 200.0, 66.0 // percents of a task; the heap a task keeps, whatever it does
		if minute > 120 {
			work = 20
		}
		if minute > 180 {
			held = 40
		}
		load.Datapoints = append(load.Datapoints, cloudwatch.Datapoint{Value: work / float64(c.Running)})
		heap.Datapoints = append(heap.Datapoints, cloudwatch.Datapoint{Value: held})
		if !now.Before(due) {
			var d Decision
			b, d, err = morning.Apply(now, b, c)
			require.NoError(t, err)
			s.say(now, "%v; the bounds are now %d to %d, for good", d, b.MinCapacity, b.MaxCapacity)
			c = Capacity{Desired: d.New, Running: d.New}
			due, _ = morning.Next(due, schedule)
		}
		x, m := cpu.Decide(memories[0], now, c, load)
		y, n := memory.Decide(memories[1], now, c, heap)
		d := Combine(b, c, x, y)
		memories[0], memories[1] = m.Took(d), n.Took(d)
		if line := fmt.Sprint(d.New, d.PolicyName, d.Reason, d.Limit); line != last {
			s.say(now, "%v | %v | together: %v", x, y, d)
			last = line
		}
		c = Capacity{Desired: d.New, Running: d.New}
	}
	require.Equal(t, 6, c.Desired, "the schedule's minimum stays")
	script.Golden(t, "testdata/story-never-scales-in.txt", s.String())
}

// Scale-in only after fifteen low minutes, one after the other.
func TestStoryFifteenMinutes(t *testing.T) {
	s := newStory("CPU is low for fourteen minutes, in the band for one, and low again.")
	p := TargetTracking{PolicyName: "cpu", TargetValue: 50}
	c := Capacity{Desired: 10, Running: 10}
	m := cloudwatch.Series{Start: ecs.At(noon)}
	var mem Memory
	var d Decision
	for minute := 1; minute <= 45; minute++ {
		now := noon.Add(time.Duration(minute) * time.Minute)
		v := cloudwatch.Datapoint{Value: 30}
		switch {
		case minute == 15:
			v.Value = 47
		case minute == 20:
			v = cloudwatch.Datapoint{Missing: true}
		case minute > 32:
			v.Value = 30 * 10 / float64(c.Running)
		}
		m.Datapoints = append(m.Datapoints, v)
		low := mem.Low
		d, mem = p.Decide(mem, now, c, m)
		if mem.Low != low || d.Changes() || minute == 15 || minute == 20 {
			value := fmt.Sprintf("%.4g %%", v.Value)
			if v.Missing {
				value = "missing"
			}
			s.say(now, "CPU %s, AlarmLow %s: %v", value, mem.Low, d)
		}
		c = Capacity{Desired: d.New, Running: d.New}
	}
	require.Equal(t, 6, c.Desired)
	script.Golden(t, "testdata/story-fifteen-minutes.txt", s.String())
}
