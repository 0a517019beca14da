package loadbalance

import (
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// Every share of traffic fits a forward action, in proportion.
// Seen to fail: weights that are not reduced; blue and green exchanged.
func TestShift(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fw := forward(weighted("blue", 1), weighted("green", 0), weighted("other", 7)).Forward
		share := rapid.IntRange(0, FullWeight).Draw(t, "share")
		shifted, err := fw.Shift("blue", "green", share)
		require.NoError(t, err)
		require.NoError(t, Listener{DefaultAction: Action{Forward: shifted}}.Validate())
		b, g := shifted.TargetGroups[0].Weight.Or(-1), shifted.TargetGroups[1].Weight.Or(-1)
		require.Equal(t, share*(b+g), FullWeight*g, "in proportion")
		require.Zero(t, shifted.TargetGroups[2].Weight.Or(-1))
		require.Equal(t, forward(weighted("blue", 1), weighted("green", 0), weighted("other", 7)).Forward,
			fw, "the argument stays")
	})
	fw := forward(weighted("a", 1), weighted("b", 0)).Forward
	for _, share := range []int{-1, FullWeight + 1} {
		_, err := fw.Shift("a", "b", share)
		requireFault(t, err, ecs.InvalidParameterException, "weight")
	}
	_, err := fw.Shift("a", "c", 0)
	requireFault(t, err, ecs.InvalidParameterException, "targetGroups")
}

// facts 6.2, validation: both groups attached to the rule, exactly one with a weight.
func TestServing(t *testing.T) {
	fw := forward(weighted("a", 0), weighted("b", 7), weighted("c", 0)).Forward
	blue, green, err := fw.Serving("a", "b")
	require.NoError(t, err)
	require.Equal(t, []string{"b", "a"}, []string{blue, green})
	_, _, err = fw.Serving("a", "c")
	requireFault(t, err, ecs.InvalidParameterException, "targetGroups")
	_, _, err = fw.Serving("b", "d")
	requireFault(t, err, ecs.InvalidParameterException, "targetGroups")
}
