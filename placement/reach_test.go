package placement

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/bayplan/bayplan/placement/internal/request"

	"github.com/stretchr/testify/require"
)

// TestReach plays sequences like those of PL4_index_is_place and counts what they come to: a law
// over random operations is worth what the operations reach. go test -v prints the shares.
func TestReach(t *testing.T) {
	const sequences, operations = 400, 75
	m := &machine{t: t, reach: map[string]int{}}
	for seed := range uint64(sequences) {
		m.next = by(seed)
		m.requests, m.shapes, m.tasks, m.marks = nil, nil, nil, nil
		m.start(limits{leaf: 4, mid: 4, pending: 2, given: 4, few: 2, passed: 2, own: 3, top: 80, probes: 7, grid: 2})
		for k := range operations {
			m.next = by(seed<<32 | uint64(k))
			m.step()
		}
	}
	share := func(part, whole string) float64 { return 100 * float64(m.reach[part]) / float64(m.reach[whole]) }
	for _, name := range slices.Sorted(maps.Keys(m.reach)) {
		whole, _, _ := strings.Cut(name, ":")
		t.Logf("%-60s %6d  %5.1f %%", name, m.reach[name], share(name, whole))
	}
	require.InDelta(t, 60, share("offered: placed", "offered"), 15)
	for _, row := range []struct {
		whole string
		least float64 // percent
		parts []string
	}{
		{"step", 0.3, []string{"place", "placeN", "release", "stop", "placeOn", "ports", "upsert, new", "upsert, known",
			"status", "remove", "mark", "rollback", "keep", "prepare", "forget", "forget and prepare"}},
		{"unmet", 1, []string{
			string(ReasonCPU), string(ReasonMemory), string(ReasonGPU), string(ReasonPorts), string(ReasonENI),
			string(ReasonAttribute), string(ReasonAgent),
			string(ReasonInactive), string(ReasonCapacityProvider), string(ReasonLocation),
			string(ReasonDistinctInstance), string(ReasonMemberOf),
		}},
		{"placed", 3, []string{
			"with ports", "with GPUs", "with an interface", "with attributes", "in zones", "of a capacity provider",
			"of a launch type", "on distinct instances",
			"with static constraints", "with dynamic constraints",
			"by 1 rule", "by 2 rules", "by 3 rules", "by 4 rules", "by default", "at random", "after two spreads",
		}},
		{"placed", 0.5, []string{"near a group", "by 5 rules"}},
	} {
		for _, part := range row.parts {
			require.GreaterOrEqual(t, share(row.whole+": "+part, row.whole), row.least, part)
		}
	}
}

// count counts what a sequence comes to, where somebody wants to know.
func (m *machine) count(whole string, parts ...string) {
	if m.reach == nil {
		return
	}
	m.reach[whole]++
	for _, part := range parts {
		m.reach[whole+": "+part]++
	}
}

// countOffer counts an offered task: where it was placed by its features, where it was refused by
// all that kept it from each instance.
func (m *machine) countOffer(s *Snapshot, i int, placed bool) {
	if m.reach == nil {
		return
	}
	r, sh := m.requests[i], m.x.known(m.shapes[i])
	if !placed {
		m.count("offered", "refused")
		for v := range Explain(s, r).Verdicts() {
			for _, reason := range v.Reasons {
				m.count("unmet", string(reason.Code))
			}
		}
		return
	}
	m.count("offered", "placed")
	var parts []string
	for _, f := range []struct {
		part string
		has  bool
	}{
		{"with ports", len(r.HostPorts) > 0}, {"with GPUs", r.Need.GPU > 0}, {"with an interface", r.Need.ENI > 0},
		{"with attributes", len(r.Attributes) > 0},
		{"in zones", len(r.Zones) > 0}, {"of a capacity provider", r.CapacityProvider != ""},
		{"of a launch type", r.LaunchType != ""},
		{"on distinct instances", sh.p.Distinct >= 0}, {"with static constraints", len(sh.filter.exprs) > 0},
		{"with dynamic constraints", slices.ContainsFunc(sh.p.Members, func(m request.Member) bool {
			return m.Expr.Dynamic()
		})}, {"near a group", sh.near >= 0},
		{"by " + plural(len(sh.p.Steps), "rule"), len(r.Strategy) > 0}, {"by default", len(r.Strategy) == 0},
		{"at random", sh.plan.random}, {"after two spreads", sh.plan.lead > 1},
	} {
		if f.has {
			parts = append(parts, f.part)
		}
	}
	m.count("placed", parts...)
}
