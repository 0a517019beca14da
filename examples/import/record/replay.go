package record

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/sim"
)

// Summary is what came of a replay.
type Summary struct {
	Started   int // tasks
	Stopped   int
	Unplaced  int     // times that a service found no instance for a task
	Peak      int     // instances that had a task at once, at most
	IdleHours float64 // of instances without a task
	BusyHours float64 // of instances with one
	Timeline  string
	Running   map[string]int // tasks of each service at the end
}

// Replay plays the scenario of a recording. The error is that of a command that cannot be carried out.
func (r *Recording) Replay(o Options) (s Summary, err error) {
	text, err := r.Script(o)
	if err != nil {
		return s, err
	}
	script, err := sim.ParseScript([]byte(text))
	if err != nil {
		return s, fmt.Errorf("scenario: %w", err)
	}
	w := sim.New(sim.Config{Seed: max(o.Seed, 1), Plane: control.Config{ZoneOfSubnet: r.zones()}})
	if s.Timeline, err = script.Run(w); err != nil {
		return s, fmt.Errorf("scenario: %w", err)
	}
	s.count(w.Elapsed())
	s.Running = map[string]int{}
	for _, x := range r.items {
		for _, service := range x.out.Services {
			s.Running[service.ServiceName] = 0
		}
	}
	for name := range s.Running { //order:any each service by itself
		s.Running[name] = running(w, name)
	}
	return s, nil
}

// zones gives the subnets of services zones: those of the instances in turn.
func (r *Recording) zones() map[string]string {
	var zones []string
	subnets := map[string]string{}
	for _, x := range r.items {
		for _, ci := range x.out.ContainerInstances {
			zone, _ := ci.Attribute("ecs.availability-zone")
			if subnet, ok := ci.Attribute("ecs.subnet-id"); ok {
				subnets[subnet] = zone
			}
			if zone != "" && len(zones) < 16 {
				zones = append(zones, zone)
			}
		}
	}
	for _, x := range r.items {
		for _, s := range x.out.Services {
			if s.NetworkConfiguration == nil || s.NetworkConfiguration.AwsvpcConfiguration == nil {
				continue
			}
			for _, subnet := range s.NetworkConfiguration.AwsvpcConfiguration.Subnets {
				if subnets[subnet] == "" {
					subnets[subnet] = "us-east-1a"
					if len(zones) > 0 {
						subnets[subnet] = zones[len(subnets)%len(zones)]
					}
				}
			}
		}
	}
	return subnets
}

// change is a line of a timeline: the time, the status, who and where.
var change = regexp.MustCompile(`^(\d+):(\d\d)\.(\d)  (\S+) +(\S+) *(i\d+)?`)

// count reads the timeline.
func (s *Summary) count(end time.Duration) {
	tasks := map[string]string{} // where each task is
	busy := map[string]int{}     // tasks on each instance
	there := map[string]bool{}
	last := time.Duration(0)
	used := 0
	pass := func(to time.Duration) {
		h := (to - last).Hours()
		s.BusyHours += float64(float64(used) * h)
		s.IdleHours += float64(float64(len(there)-used) * h)
		last = to
	}
	sc := bufio.NewScanner(strings.NewReader(s.Timeline))
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		m := change.FindStringSubmatch(sc.Text())
		if m == nil {
			continue
		}
		status, who, where := m[4], m[5], m[6]
		pass(clock(m))
		switch {
		case status == "service" && strings.Contains(sc.Text(), "unable to place"):
			s.Unplaced++
		case strings.HasPrefix(who, "i") && status == "ACTIVE":
			there[who] = true
		case strings.HasPrefix(who, "i") && status == "INACTIVE":
			delete(there, who)
		case !strings.HasPrefix(who, "t"):
		case status == "PENDING" && tasks[who] == "":
			s.Started++
			tasks[who] = cmp.Or(where, "-")
			busy[where]++
		case status == "STOPPED":
			s.Stopped++
			busy[tasks[who]]--
		}
		used = 0
		for name := range there { //order:any a count
			if busy[name] > 0 {
				used++
			}
		}
		s.Peak = max(s.Peak, used)
	}
	pass(max(end, last))
}

// clock returns the time of a line.
func clock(m []string) time.Duration {
	var n [3]int
	for i := range n {
		v, err := strconv.Atoi(m[i+1])
		if err != nil {
			return 0
		}
		n[i] = v
	}
	return time.Duration(n[0])*time.Minute + time.Duration(n[1])*time.Second + time.Duration(n[2])*100*time.Millisecond
}

// Text writes summaries side by side.
func Text(w io.Writer, names []string, list []Summary) error {
	var b strings.Builder
	row := func(name string, value func(s Summary) string) {
		fmt.Fprintf(&b, "%-34s", name)
		for _, s := range list {
			fmt.Fprintf(&b, " %20s", value(s))
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%-34s", "")
	for _, n := range names {
		fmt.Fprintf(&b, " %20s", n)
	}
	b.WriteString("\n")
	row("tasks started", func(s Summary) string { return strconv.Itoa(s.Started) })
	row("tasks stopped", func(s Summary) string { return strconv.Itoa(s.Stopped) })
	row("no instance for a task, times", func(s Summary) string { return strconv.Itoa(s.Unplaced) })
	row("instances with a task, at most", func(s Summary) string { return strconv.Itoa(s.Peak) })
	row("instance-hours with a task", func(s Summary) string { return fmt.Sprintf("%.1f", s.BusyHours) })
	row("instance-hours without one", func(s Summary) string { return fmt.Sprintf("%.1f", s.IdleHours) })
	_, err := io.WriteString(w, b.String())
	return err
}

// ParseStrategy reads a strategy such as spread:attribute:ecs.availability-zone,binpack:memory.
func ParseStrategy(s string) (list []ecs.PlacementStrategy, err error) {
	for part := range strings.SplitSeq(s, ",") {
		kind, field, _ := strings.Cut(strings.TrimSpace(part), ":")
		p := ecs.PlacementStrategy{Type: ecs.PlacementStrategyType(kind), Field: field}
		if !ecs.Valid(p.Type) {
			return nil, fmt.Errorf("%q is not random, or spread or binpack with a field, such as binpack:memory", part)
		}
		list = append(list, p)
	}
	return list, nil
}
