package placement

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement/internal/request"
)

// Explanation answers "why here" and "why nowhere".
type Explanation struct {
	Group    string
	Chosen   ecs.InstanceID // as Place would; "" if none
	Feasible int            // instances that could take the task
	Steps    []Step         // one a rule that was looked at, in order
	Closest  ecs.InstanceID // ECS's "closest matching container-instance", where none is feasible
	Remedies []Remedy       // what would make the task fit on Closest: all of them together
	Err      error          // an ecs.ErrorList: the request is wrong, and nothing else is set

	verdicts []Verdict
}

// Remedy is a change that meets one unmet need.
type Remedy struct {
	Reason  Reason
	Task    string // what the task would change, "" where that is no remedy
	Cluster string // what the instance or cluster would change instead
}

// Explain returns what Place decides and why: the steps that led to the instance, and for
// each other instance every need that it does not meet. O(n).
func Explain(s *Snapshot, r Request) Explanation {
	p, err := compile(r)
	if err != nil {
		return Explanation{Group: r.Group, Err: err}
	}
	e := Explanation{Group: r.Group}
	var candidates []int
	for i := range s.instances {
		v := Verdict{Instance: s.instances[i].id, Reasons: p.unmet(&s.instances[i])}
		e.verdicts = append(e.verdicts, v)
		if len(v.Reasons) == 0 {
			candidates = append(candidates, i)
		}
	}
	if e.Feasible = len(candidates); e.Feasible == 0 {
		e.close()
		return e
	}
	for _, st := range p.Steps {
		var step Step
		candidates, step = p.narrow(s, st, candidates)
		step.Tied = p.tied(s, st, candidates)
		e.Steps = append(e.Steps, step)
	}
	e.Chosen = s.instances[candidates[0]].id
	return e
}

// Verdicts yields what the request finds on each instance, in order of ID; the feasible ones
// have no reasons.
func (e Explanation) Verdicts() iter.Seq[Verdict] { return slices.Values(e.verdicts) }

// close finds the closest instance: of those that are looked at, the one with the fewest
// unmet needs, then the smallest shortage, then the lowest ID.
func (e *Explanation) close() {
	var best *Verdict
	for i := range e.verdicts {
		v := &e.verdicts[i]
		if !v.looked() {
			continue
		}
		if best == nil || cmp.Or(len(v.Reasons)-len(best.Reasons), cmp.Compare(v.shortage(), best.shortage())) < 0 {
			best = v
		}
	}
	if best == nil {
		return
	}
	e.Closest = best.Instance
	for _, r := range best.Reasons {
		e.Remedies = append(e.Remedies, r.remedy(best.Instance))
	}
}

// looked reports whether ECS looks at the instance at all.
func (v *Verdict) looked() bool {
	return !slices.ContainsFunc(v.Reasons, func(r Reason) bool {
		return r.Code == ReasonInactive || r.Code == ReasonCapacityProvider
	})
}

// shortage is what is missing of all amounts, each in millionths of the need.
func (v *Verdict) shortage() int64 {
	var sum int64
	for _, r := range v.Reasons {
		if r.Need > 0 {
			sum += (r.Need - r.Have) * 1_000_000 / r.Need
		}
	}
	return sum
}

func (r Reason) remedy(id ecs.InstanceID) Remedy {
	m := Remedy{Reason: r}
	amount := func(of func(n int64) string) {
		if r.Have > 0 {
			m.Task = fmt.Sprintf("ask for %s instead of %s", of(r.Have), thousands(r.Need))
		}
		m.Cluster = fmt.Sprintf("free %s on %s", of(r.Need-r.Have), id)
	}
	switch r.Code {
	case ReasonCPU:
		amount(func(n int64) string { return thousands(n) + " units of CPU" })
	case ReasonMemory:
		amount(func(n int64) string { return thousands(n) + " MiB of memory" })
	case ReasonGPU:
		amount(func(n int64) string { return plural(int(n), "GPU") })
	case ReasonENI:
		amount(func(n int64) string { return plural(int(n), "network interface") })
		m.Task = "use another network mode than awsvpc"
	case ReasonTasks:
		m.Cluster = "stop a task on " + string(id)
	case ReasonPorts:
		m.Task, m.Cluster = fmt.Sprintf("use a dynamic host port instead of %d/%s", r.Port.Port, r.Port.Protocol),
			fmt.Sprintf("stop what holds %d/%s on %s", r.Port.Port, r.Port.Protocol, id)
	case ReasonAttribute:
		name := r.Attribute.Name
		m.Task, m.Cluster = "do without what requires "+name, fmt.Sprintf("give %s the attribute %s", id, name)
		if r.Attribute.Value != "" {
			m.Cluster += " of value " + r.Attribute.Value
		}
	case ReasonAgent:
		m.Cluster = "reconnect the agent of " + string(id)
	case ReasonLocation:
		m.Task, m.Cluster = "add a subnet in the zone of "+string(id), "add an instance in a zone of the subnets"
	case ReasonDistinctInstance:
		m.Task, m.Cluster = "drop distinctInstance", "add an instance"
	case ReasonMemberOf:
		m.Task, m.Cluster = fmt.Sprintf("drop or widen constraint #%d", r.Constraint+1),
			fmt.Sprintf("change %s so that constraint #%d holds", id, r.Constraint+1)
	}
	return m
}

// Summary returns ECS's service event about a task that could not be placed, and "" where
// one could. For a standalone task, about which ECS has no event, the group stands in the
// service's place.
// Source: Amazon ECS Developer Guide, "Viewing Amazon ECS service event messages"; Amazon
// ECS API Reference.
func (e Explanation) Summary() string {
	if e.Chosen != "" || e.Err != nil {
		return ""
	}
	who := "(group " + e.Group + ") "
	if service, ok := strings.CutPrefix(e.Group, request.ServiceGroup); ok {
		who = "(service " + service + ") "
	}
	return who + unplaced + e.tail() + troubleshooting
}

// What ECS's service event about a task that could not be placed begins and ends with.
const (
	unplaced        = "was unable to place a task because no container instance met all of its requirements."
	troubleshooting = " For more information, see the Troubleshooting section of the Amazon ECS Developer Guide."
)

// Summary returns the sentence of ECS's service event about a task for which only this
// instance was in question, such as a daemon's, without the name of the service; "" where the
// instance could take it.
// Source: Amazon ECS Developer Guide, "Viewing Amazon ECS service event messages".
func (v Verdict) Summary() string {
	if len(v.Reasons) == 0 {
		return ""
	}
	return unplaced + closestTail(v.Instance, v.Reasons[0].Code) + troubleshooting
}

func (e Explanation) tail() string {
	if e.Closest == "" {
		if slices.ContainsFunc(e.verdicts, func(v Verdict) bool {
			return slices.ContainsFunc(v.Reasons, func(r Reason) bool { return r.Code == ReasonCapacityProvider })
		}) {
			return " Reason: No Container Instances were found in your capacity provider."
		}
		return " Reason: No Container Instances were found in your cluster."
	}
	return closestTail(e.Closest, e.Remedies[0].Reason.Code)
}

// closestTail says what the instance that came closest lacks.
func closestTail(id ecs.InstanceID, code ReasonCode) string {
	closest := " The closest matching (container-instance " + string(id) + ") "
	switch code {
	case ReasonCPU:
		return closest + "has insufficient CPU units available."
	case ReasonMemory:
		return closest + "has insufficient memory available."
	case ReasonGPU:
		return closest + "has insufficient GPU resource available."
	case ReasonPorts:
		return closest + "is already using a port required by your task."
	case ReasonAttribute:
		return closest + "is missing an attribute required by your task."
	case ReasonAgent:
		return closest + "doesn't have the agent connected."
	case ReasonLocation, ReasonTasks:
		return closest + `encountered error "` + string(code) + `".`
	case ReasonENI:
		return ` Reason: encountered error "RESOURCE:ENI".`
	}
	return closest + `encountered error "` + strings.TrimSuffix(string(code), ".") + `."`
}

// String returns the explanation as a text of lines: the choice, the steps, the rejected
// instances with every reason, and the smallest change where nothing fits.
func (e Explanation) String() string {
	var b strings.Builder
	if e.Err != nil {
		return e.Err.Error() + "\n"
	}
	name := orNone(strings.Replace(e.Group, ":", " ", 1), "task")
	if e.Chosen != "" {
		fmt.Fprintf(&b, "%s: placed on %s  (%d of %s feasible)\n", name, e.Chosen, e.Feasible,
			plural(len(e.verdicts), "instance"))
	} else {
		fmt.Fprintf(&b, "%s: not placed  (0 of %s feasible)\n", name, plural(len(e.verdicts), "instance"))
	}
	for i, st := range e.Steps {
		e.writeStep(&b, st, i == len(e.Steps)-1)
	}
	e.writeRejected(&b)
	if e.Closest != "" {
		fmt.Fprintf(&b, "closest\n  %s\n", e.Closest)
		for _, m := range e.Remedies {
			text := m.Task
			if text == "" {
				text = m.Cluster
			} else if m.Cluster != "" {
				text += ", or " + m.Cluster
			}
			fmt.Fprintf(&b, "    %s\n", text)
		}
	}
	return b.String()
}

func (e Explanation) writeStep(b *strings.Builder, st Step, last bool) {
	rule := string(st.Strategy.Type)
	if st.Strategy.Field != "" && st.Strategy.Type != ecs.PlacementStrategyTypeRandom {
		rule += "(" + st.Strategy.Field + ")"
	}
	what := "drawn by the seed"
	switch st.Strategy.Type {
	case ecs.PlacementStrategyTypeSpread:
		what = st.holders()
		if st.Margin >= 0 {
			what += fmt.Sprintf(", the next %s", thousands(st.Count+st.Margin))
		}
	case ecs.PlacementStrategyTypeBinpack:
		what = thousands(st.Count) + " free"
		if st.Margin >= 0 {
			what += fmt.Sprintf(", the next %s", thousands(st.Count+st.Margin))
		}
	}
	end := plural(st.Candidates, "candidate")
	if last {
		end = "chosen"
		if st.Candidates > 1 {
			end = fmt.Sprintf("%s, the lowest ID is chosen", plural(st.Candidates, "candidate"))
		}
	}
	fmt.Fprintf(b, "  %s: %s → %s\n", rule, what, end)
}

// namedTies is how many values that tie a line names.
const namedTies = 5

// holders says which values have how many tasks.
func (st Step) holders() string {
	names := make([]string, 0, namedTies+1)
	for _, name := range st.Tied[:min(len(st.Tied), namedTies)] {
		names = append(names, orNone(name, "(no value)"))
	}
	if more := len(st.Tied) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	tasks := plural(int(st.Count), "task")
	if len(names) < 2 {
		return fmt.Sprintf("%s has %s", orNone(st.Group, "(no value)"), tasks)
	}
	last := len(names) - 1
	return fmt.Sprintf("%s and %s have %s each", strings.Join(names[:last], ", "), names[last], tasks)
}

func (e Explanation) writeRejected(b *strings.Builder) {
	title := "rejected\n"
	for _, v := range e.verdicts {
		for i, r := range v.Reasons {
			id := string(v.Instance)
			if i > 0 {
				id = strings.Repeat(" ", len(id))
			}
			code := string(r.Code)
			switch r.Code {
			case ReasonMemberOf:
				code = fmt.Sprintf("memberOf #%d", r.Constraint+1)
			case ReasonDistinctInstance:
				code = fmt.Sprintf("distinctInstance #%d", r.Constraint+1)
			}
			fmt.Fprintf(b, "%s  %s  %s  %s\n", title, id, code, r)
			title = ""
		}
	}
}
