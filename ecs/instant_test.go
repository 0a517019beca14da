package ecs_test

import (
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
)

// TestInstantOfText: both forms in which AWS prints times, and what is neither. A time that an Instant cannot hold is
// refused, and is not another time.
//
// Seen to fail: the year 9999 read as 1816; a fraction cut to milliseconds.
func TestInstantOfText(t *testing.T) {
	for text, want := range map[string]ecs.Instant{ //order:any each alone
		`null`:                             0,
		`0`:                                0,
		`-0`:                               0,
		`1700000000`:                       1700000000e9,
		`1700000000.5`:                     1700000000500000000,
		`1700000000.123456789`:             1700000000123456789,
		`1700000000.1234567891`:            1700000000123456789,
		`1.7e9`:                            1700000000e9,
		`-1.25`:                            -1250000000,
		`"2023-11-14T22:13:20Z"`:           1700000000e9,
		`"2023-11-14T23:13:20.5+01:00"`:    1700000000500000000,
		`"1970-01-01T00:00:00.000000001Z"`: 1,
		`"0001-01-01T00:00:00Z"`:           0,
		`9223372035.999999999`:             9223372035999999999,
		`-9223372035.999999999`:            -9223372035999999999,
		`"2262-04-11T23:47:15.999999999Z"`: 9223372035999999999,
		`"1677-09-21T00:12:44Z"`:           -9223372036e9,
	} {
		var i ecs.Instant
		require.NoError(t, json.Unmarshal([]byte(text), &i), text)
		require.Equal(t, want, i, text)
	}
	for _, text := range []string{`""`, `"soon"`, `"2023-11-14"`, `"2023-11-14T22:13:20"`,
		`"2023-02-30T00:00:00Z"`, `true`, `[]`, `{}`,
		`9223372036`, `-9223372036`, `1e10`, `-1e10`, `1e999`, `"9999-12-31T23:59:59Z"`, `"2262-04-11T23:47:16Z"`,
		`"1677-09-21T00:12:43Z"`, `"1066-10-14T09:00:00Z"`} {
		i := ecs.Instant(7)
		require.Error(t, json.Unmarshal([]byte(text), &i), text)
		require.Equal(t, ecs.Instant(7), i, "%s changed the value", text)
	}
}

// Instants keep the order of the times that they are made of, also of those that they cannot hold.
//
// Seen to fail: UnixNano of the year 9999.
func TestAtKeepsOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) time.Time {
			return time.Unix(rapid.Int64Range(-62135596799, 253402300799).Draw(t, name),
				rapid.Int64Range(0, 999999999).Draw(t, name+" nanoseconds"))
		}
		times := []time.Time{draw("a"), draw("b"), draw("c")}
		slices.SortFunc(times, time.Time.Compare)
		for i := range 2 {
			require.LessOrEqual(t, ecs.At(times[i]), ecs.At(times[i+1]))
		}
		for _, at := range times {
			year := at.UTC().Year()
			if epoch := time.Unix(0, 0); 1678 <= year && year <= 2261 && !at.Equal(epoch) { // which means "not set"
				require.True(t, at.Equal(ecs.At(at).Time()), at)
			}
		}
	})
	require.Equal(t, ecs.Instant(math.MaxInt64), ecs.At(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)))
	require.Equal(t, ecs.Instant(math.MinInt64), ecs.At(time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC)))
}
