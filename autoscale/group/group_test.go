package group

import (
	"math"
	"testing"
	"time"
	_ "time/tzdata" // so that zones are the same everywhere

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// places returns the code and field of every failure.
func places(err error) (out []string) {
	for e := range ecs.Errors(err) {
		out = append(out, string(e.Code)+" "+e.Field)
	}
	return out
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	require.NoError(t, err)
	return loc
}

func when(t testing.TB, s string) time.Time {
	t.Helper()
	at, err := time.Parse("2006-01-02T15:04Z07:00", s)
	require.NoError(t, err)
	return at
}

// Numbers of instances as large as they can be.
func TestFarSizes(t *testing.T) {
	far := []int{0, 1, 2, 99, 100, 101, math.MaxInt32, math.MaxInt - 1, math.MaxInt}
	for _, a := range far {
		require.GreaterOrEqual(t, rebalanceLimit(a), a)
		for _, b := range far {
			onDemand, spot := InstancesDistribution{OnDemandBaseCapacity: b}.Split(a)
			require.Equal(t, [2]int{a, 0}, [2]int{onDemand, spot})
		}
	}
}

// TestRebalanceLimit holds AWS's example X9: a group may go a tenth beyond its maximum, by one at least.
func TestRebalanceLimit(t *testing.T) {
	require.Equal(t, [3]int{2, 11, 44}, [3]int{rebalanceLimit(1), rebalanceLimit(10), rebalanceLimit(40)})
}
