package lifecycle

import (
	"hash/fnv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/internal/explore"
)

// TestDistinct tells how many of the states counted can be told apart by what is asked for, refused
// and shown by DescribeTasks, now or later: nearly all, so that the figures count behaviours.
func TestDistinct(t *testing.T) {
	label := func(h happening) uint64 {
		f := fnv.New64a()
		f.Write([]byte(h.name))
		f.Write([]byte{byte(h.Kind), h.Index, byte(h.Number), byte(h.Code), byte(h.last),
			byte(len(h.Health)), byte(h.before.Last)})
		for _, c := range h.before.Containers { // as DescribeTasks shows them
			f.Write([]byte{c.Status.LastStatus()[0], byte(c.Health)})
		}
		f.Write([]byte{byte(h.before.ENI), byte(h.before.Volume), byte(h.before.Connectivity)})
		for _, e := range h.effects {
			f.Write([]byte{byte(e.Kind), e.Index, byte(e.Number)})
		}
		if h.err != nil {
			f.Write([]byte{1})
		}
		return f.Sum64()
	}
	for _, c := range configurations() {
		if c.size > *largest || c.size > 1 {
			continue
		}
		w, err := c.world(nil)
		require.NoError(t, err)
		states, distinct := explore.Distinct(explore.Model[node, happening]{Start: []node{w.start()}, Next: w.next},
			label)
		if c.traits.Role != RoleControlPlane { // what an agent reports before RUNNING is shown nowhere
			require.GreaterOrEqual(t, 100*distinct, 85*states, c.name)
		}
		t.Logf("%s: %d of %d states are distinct", c.name, distinct, states)
	}
}
