package autoscale

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// flat is a metric that has had one value for n minutes before noon.
func flat(v float64, n int) Series {
	s := Series{Start: ecs.At(noon.Add(-time.Duration(n) * time.Minute)), Period: 60}
	for range n {
		s.Datapoints = append(s.Datapoints, Datapoint{Value: v})
	}
	return s
}

func wide(lo, hi int) Bounds { return Bounds{MinCapacity: lo, MaxCapacity: hi} }

// Facts 9.1: rows that are one policy, one metric, one decision.
func TestTargetTrackingRows(t *testing.T) {
	for _, row := range []struct {
		name             string
		running, desired int
		metric, target   float64
		minutes          int
		min, max         int
		want             int
		limit            Limit
	}{
		{"E3 DER", 10, 10, 57.5, 50, 3, 0, 1000, 12, ""},
		{"E4 DER", 10, 10, 42.5, 50, 15, 0, 1000, 9, ""},
		{"E5 DER", 4, 4, 80, 50, 3, 0, 1000, 7, ""},
		{"E6 DER", 10, 10, 75, 50, 3, 0, 1000, 15, ""},
		{"E7 DER", 3, 5, 80, 50, 3, 0, 1000, 5, LimitDesiredCapacity},
		{"E8 DER", 10, 10, 30, 50, 15, 0, 1000, 6, ""},
		{"E9 DER", 10, 10, 46, 50, 15, 0, 1000, 10, ""},
		{"E10 DER", 2, 2, 44, 50, 15, 0, 1000, 2, LimitDesiredCapacity},
		{"E11 DER", 1, 1, 5, 50, 15, 0, 1000, 1, LimitDesiredCapacity},
		{"E12 AWS+", 2, 2, 0, 1000, 15, 0, 1000, 0, ""},
		{"E13 AWS+", 0, 0, 1500, 1000, 1, 0, 1000, 1, ""},
		{"E14 DER", 4, 4, 12000.0 / 4, 1000, 3, 0, 1000, 12, ""},
		{"E15 AWS", 10, 10, 1500.0 / 10, 10 / 0.1, 3, 0, 1000, 15, ""},
		{"E16 DER", 30, 30, 62, 60, 3, 0, 1000, 31, ""},
		{"E24 DER first", 8, 8, 125, 50, 3, 0, 12, 12, LimitMaxCapacity},
		{"E24 DER again", 12, 12, 125, 50, 3, 0, 12, 12, LimitMaxCapacity},
	} {
		t.Run(row.name, func(t *testing.T) {
			c := Capacity{Desired: row.desired, Running: row.running}
			p := TargetTracking{PolicyName: "p", TargetValue: row.target}
			d, _ := p.Decide(Memory{}, noon, c, flat(row.metric, row.minutes))
			got := Combine(wide(row.min, row.max), c, d)
			require.Equal(t, row.want, got.New, got.String())
			require.Equal(t, row.limit, got.Limit, got.String())
		})
	}
}
