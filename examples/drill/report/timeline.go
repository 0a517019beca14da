package report

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/examples/drill/stage"
	"github.com/bayplan/bayplan/examples/drill/verdict"
)

// row is a moment of a timeline: what the command asked, and what ECS did.
type row struct {
	At    time.Duration // virtual
	Until time.Duration // when a call was answered, or the last of several equal ones
	Times int
	Asked string // of the command
	Did   string // of ECS
	Bad   bool   // an error, or something that went wrong

	tasks []string // of which Did speaks
}

// Done is what ECS did, with the tasks in question.
func (r row) Done() string {
	const most = 6
	switch n := len(r.tasks); {
	case n == 0:
		return r.Did
	case n > most:
		return fmt.Sprintf("%s and %d more %s", strings.Join(r.tasks[:most], " "), n-most, r.Did)
	}
	return strings.Join(r.tasks, " ") + " " + r.Did
}

// When writes the row's time.
func (r row) When() string {
	if r.Until > r.At && verdict.Clock(r.Until) != verdict.Clock(r.At) {
		return verdict.Clock(r.At) + "–" + verdict.Clock(r.Until)
	}
	return verdict.Clock(r.At)
}

// A timeline has at most mostRows rows: those at its beginning, and the last lastRows.
const (
	mostRows = 160
	lastRows = 40
)

// timeline merges the calls of the command and the changes of the world.
func timeline(r verdict.Result) []row {
	var rows []row
	for _, run := range r.Runs {
		for _, c := range run.Facts.Calls {
			bad := c.Code != "" || c.Fault != ""
			rows = append(rows, row{At: c.At, Until: c.Until, Asked: by(run) + asked(c), Bad: bad, Times: 1})
		}
	}
	f := r.Runs[0].Facts           // what ECS did is the same in all
	for _, h := range f.Happened { // before what follows from it
		what, _, _ := strings.Cut(h.Text, " {") // of a request the action
		rows = append(rows, row{At: h.At, Did: "the scenario: " + what, Times: 1})
	}
	short := &names{known: map[string]string{}}
	for _, c := range f.Changes {
		if text, bad := did(c); text != "" {
			one := row{At: c.At.Time().Sub(f.Began), Did: short.in(text), Bad: bad, Times: 1}
			if c.Kind == message.ChangeTask {
				one.tasks = []string{short.in(fmt.Sprintf("(task %s)", c.Task))}
			}
			rows = append(rows, one)
		}
	}
	for _, run := range r.Runs {
		if run.Ending.Err == nil {
			rows = append(rows, row{At: run.Facts.ExitedAt, Asked: by(run) + ending(run.Ending), Times: 1,
				Bad: !r.Passed && !run.Passed})
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.At, b.At) })
	return cut(merged(rows))
}

// by says which of two runs a row is about.
func by(r verdict.Run) string {
	if r.Name == "" {
		return ""
	}
	return r.Name + ": "
}

// asked is a call in words.
func asked(c stage.Call) string {
	text := strings.TrimPrefix(c.Action, "ecs:")
	if c.Says != "" {
		text += " " + c.Says
	}
	switch {
	case c.Status == 0:
		text += ": the connection was cut"
	case c.Code != "":
		text += ": " + c.Code
	}
	return text
}

func ending(e verdict.Ending) string {
	if e.Hung {
		return "was killed at the time limit"
	}
	return fmt.Sprintf("ended with exit code %d", e.Code)
}

// did is a change in words; "" for what nobody needs to see.
func did(c message.Change) (text string, bad bool) {
	wrong := strings.Contains(c.Text, "failed") || strings.Contains(c.Text, "rolling back") ||
		strings.Contains(c.Text, "unable to")
	switch c.Kind {
	case message.ChangeService:
		return sentence(c.Text), wrong
	case message.ChangeTask:
		stopped := c.Status == string(ecs.TaskStatusStopped)
		if stopped || c.Status == string(ecs.TaskStatusRunning) {
			stopped = stopped && !strings.HasPrefix(c.Text, "Scaling activity")
			return strings.TrimSpace(fmt.Sprintf("of revision %d: %s %s", c.Revision, c.Status, c.Text)), stopped
		}
	case message.ChangeTraffic:
		return "traffic " + c.Status + ": " + c.Text, false
	case message.ChangeAlarm:
		return strings.TrimSpace("alarm " + c.Status + " " + c.Text), c.Status == string(ecs.AlarmStateAlarm)
	case message.ChangeScaling:
		return "scaling: " + c.Text, false
	}
	return "", false
}

// sentence is one of the service scheduler without the service's name, which is the same in all.
func sentence(text string) string {
	_, rest, named := strings.Cut(text, ") ")
	if !named || !strings.HasPrefix(text, "(service ") {
		return text
	}
	for _, verb := range []string{"has ", "was ", "registered ", "deregistered "} {
		if strings.HasPrefix(rest, verb) {
			return "the service " + rest
		}
	}
	return rest
}

// names shortens IDs: t1, t2 and d1, d2 in the order in which they appear.
type names struct {
	known        map[string]string
	tasks, rolls int
}

var ids = regexp.MustCompile(`\(task [^()\s]+\)|\(?deployment ecs-svc/\d+\)?`)

func (n *names) in(text string) string {
	return ids.ReplaceAllStringFunc(text, func(found string) string {
		found = strings.Trim(found, "()")
		short, there := n.known[found]
		if there {
			return short
		}
		if strings.HasPrefix(found, "task") {
			n.tasks++
			short = fmt.Sprintf("t%d", n.tasks)
		} else {
			n.rolls++
			short = fmt.Sprintf("d%d", n.rolls)
		}
		n.known[found] = short
		return short
	})
}

// merged makes one row of equal ones that follow each other.
func merged(rows []row) (list []row) {
	for _, r := range rows {
		if n := len(list); n > 0 && list[n-1].Asked == r.Asked && list[n-1].Did == r.Did {
			list[n-1].Times++
			list[n-1].Until = max(r.At, r.Until)
			if r.tasks != nil {
				list[n-1].Times = 1
				list[n-1].tasks = append(list[n-1].tasks, r.tasks...)
			}
			continue
		}
		list = append(list, r)
	}
	return list
}

// cut leaves the middle of a long timeline out.
func cut(rows []row) []row {
	if len(rows) <= mostRows {
		return rows
	}
	first, last := rows[:mostRows-lastRows], rows[len(rows)-lastRows:]
	gap := row{At: first[len(first)-1].At, Times: 1, Did: fmt.Sprintf("… %d rows are left out …", len(rows)-mostRows)}
	return slices.Concat(first, []row{gap}, last)
}
