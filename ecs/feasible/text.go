package feasible

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement"
)

// String returns the verdict as a text to paste into a ticket: what becomes of the
// deployment, what is in the way, and what would help. It ends with a line feed.
func (v Verdict) String() string {
	var b strings.Builder
	b.WriteString("service " + orNone(v.Service) + ", deployment " + v.Deployment + ": ")
	switch {
	case v.Outcome == OutcomeEnds:
		fmt.Fprintf(&b, "it ends.\n  %s of %s in place, %s to go.\n", number(v.Placed), count(v.Desired, "new task"),
			count(v.Old, "old task"))
		return b.String()
	case v.Outcome == OutcomeDepends:
		b.WriteString("whether it ends depends on which tasks stop and start first.\n")
	default:
		b.WriteString("it never ends.\n")
	}
	if v.Rest != nil {
		b.WriteString("  " + v.Rests() + "\n")
	}
	b.WriteString("in the way, together\n")
	for _, o := range v.Obstacles() {
		b.WriteString("  - " + o + "\n")
	}
	switch len(v.Changes) {
	case 0:
	case 1:
		b.WriteString("this lets it end\n")
	default:
		b.WriteString("any one of these lets it end\n")
	}
	for _, c := range v.Changes {
		b.WriteString("  - " + c.String() + "\n")
	}
	return b.String()
}

// Rests says in a sentence where the deployment comes to rest, or may come to rest; "" where it ends.
func (v Verdict) Rests() string {
	if v.Rest == nil {
		return ""
	}
	verb := "It comes to rest"
	if v.Outcome == OutcomeDepends {
		verb = "It may come to rest"
	}
	text := fmt.Sprintf("%s with %s of %s in place", verb, number(v.Rest.Placed), count(v.Desired, "new task"))
	if v.Rest.Old > 0 {
		text += fmt.Sprintf(" and %s that cannot be stopped", count(v.Rest.Old, "old task"))
	}
	return text + "."
}

// instancesShown is how many instances with the same lack are named.
const instancesShown = 3

// Obstacles returns what blocks the deployment, in the order of Facts: one sentence without a full stop for each
// fact. Instances that lack the same share a sentence, which names at most three of them.
func (v Verdict) Obstacles() (list []string) {
	for i := 0; i < len(v.Facts); i++ {
		f := v.Facts[i]
		if f.Instance == "" {
			list = append(list, v.factText(f))
			continue
		}
		lack := f.lack()
		seen := false
		for _, g := range v.Facts[:i] {
			seen = seen || g.Instance != "" && g.lack() == lack
		}
		if seen {
			continue
		}
		var ids []string
		for _, g := range v.Facts[i:] {
			if g.Instance != "" && g.lack() == lack {
				ids = append(ids, string(g.Instance))
			}
		}
		who := strings.Join(ids[:min(len(ids), instancesShown)], ", ")
		if n := len(ids) - instancesShown; n > 0 {
			who += " and " + thousands(int64(n)) + " more"
		}
		list = append(list, who+": "+lack)
	}
	return list
}

func (v Verdict) factText(f Fact) string {
	switch f.Code {
	case CodeMinimumHealthyPercent:
		return fmt.Sprintf("minimumHealthyPercent %d: of %s %d must stay healthy", f.Percent,
			count(v.Desired, "task"), f.Tasks)
	case CodeMaximumPercent:
		return fmt.Sprintf("maximumPercent %d: of %s there may be %d", f.Percent, count(v.Desired, "task"), f.Tasks)
	case CodeStrategy:
		how := string(f.Strategy)
		if how == "" {
			how = string(f.Controller)
		}
		return "the strategy " + how + ": every old task stays until every new one is there"
	case CodeFailed:
		text := "the deployment has FAILED; nothing is started for it any more"
		if f.Detail != "" {
			text += ": " + f.Detail
		}
		return text
	case CodeNoInstances:
		text := "there is no ACTIVE container instance"
		if f.Detail != "" {
			text += " of capacity provider " + f.Detail
		}
		return text
	case placement.ReasonDistinctInstance:
		return "the constraint distinctInstance: one task per instance, the old ones included"
	case placement.ReasonMemberOf:
		return "the constraint memberOf " + f.Constraint.Expression
	case placement.ReasonPorts:
		return "static host port " + ports(f.HostPorts) + ": one task per instance, the old ones included"
	}
	return string(f.Code)
}

// lack says what an instance lacks.
func (f Fact) lack() string {
	switch f.Code {
	case placement.ReasonCPU, placement.ReasonMemory, placement.ReasonGPU, placement.ReasonENI:
		return fmt.Sprintf("%s short (needs %s, has %s left)", quantity(f.Code, f.Need-f.Have),
			thousands(f.Need), thousands(f.Have))
	case placement.ReasonPorts:
		return "host port " + ports(f.HostPorts) + " is in use"
	}
	if f.Detail != "" {
		return string(f.Code) + ", " + f.Detail
	}
	return string(f.Code)
}

// quantity writes so much of a resource.
func quantity(c placement.ReasonCode, n int64) string {
	switch c {
	case placement.ReasonCPU:
		return thousands(n) + " units of CPU"
	case placement.ReasonMemory:
		return thousands(n) + " MiB of memory"
	case placement.ReasonGPU:
		return count(int(n), "GPU")
	}
	return count(int(n), "network interface")
}

// String returns the change as one sentence without a full stop.
func (c Change) String() string {
	parts := make([]string, len(c.Edits))
	for i, e := range c.Edits {
		parts[i] = e.String()
	}
	return strings.Join(parts, ", and ")
}

// String returns the edit as one sentence without a full stop.
func (e Edit) String() string {
	var text string
	switch e.Kind {
	case EditMinimumHealthyPercent:
		text = "set minimumHealthyPercent to " + strconv.Itoa(e.Value)
	case EditMaximumPercent:
		text = "set maximumPercent to " + strconv.Itoa(e.Value)
	case EditDesiredCount:
		text = "set desiredCount to " + strconv.Itoa(e.Value)
	case EditFree:
		text = "free " + resources(e.Resources) + " on " + string(e.Instance)
	case EditConnectAgent:
		text = "reconnect the agent of " + string(e.Instance)
	case EditAddInstances:
		text = "add " + count(e.Value, "instance")
		if e.Value > 1 {
			text += ", each"
		}
		text += " with room for one new task"
		if what := resources(e.Resources); what != "" {
			text += " (" + what + ")"
		}
	case EditDropConstraint:
		text = "drop the constraint " + string(e.Constraint.Type)
		if e.Constraint.Expression != "" {
			text += " " + e.Constraint.Expression
		}
	case EditDynamicHostPorts:
		text = "use dynamic host ports"
	}
	if e.NewDeployment {
		text += " (a new revision of the task definition)"
	}
	return text
}

func resources(r ecs.Resources) string {
	var parts []string
	for _, a := range []struct {
		code   placement.ReasonCode
		amount int64
	}{
		{placement.ReasonCPU, r.CPU}, {placement.ReasonMemory, r.Memory}, {placement.ReasonGPU, r.GPU},
		{placement.ReasonENI, r.ENI},
	} {
		if a.amount != 0 {
			parts = append(parts, quantity(a.code, a.amount))
		}
	}
	return strings.Join(parts, " and ")
}

func ports(list []ecs.HostPort) string {
	parts := make([]string, len(list))
	for i, p := range list {
		parts[i] = fmt.Sprintf("%d/%s", p.Port, p.Protocol)
	}
	return strings.Join(parts, ", ")
}

func orNone(s string) string {
	if s == "" {
		return "(no name)"
	}
	return s
}

func number(n int) string {
	if n == 0 {
		return "none"
	}
	return thousands(int64(n))
}

// count returns "1 task", "2 tasks".
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return thousands(int64(n)) + " " + noun
}

// thousands writes 1536 as "1,536".
func thousands(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
