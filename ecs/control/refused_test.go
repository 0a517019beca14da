package control_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
)

// A refused request changes nothing: not the state, not the time, not an ID, and it leaves no
// record. Each request is tried with inputs that a storm made, spoilt in one place, and with
// inputs that are none.
//
// Seen to fail: request without its return to the counters before.
func TestRefusedChangesNothing(t *testing.T) {
	tried, refused := map[string]int{}, map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		s := stormy(t, 60, func(*storm, *control.Plane) {})
		p := s.world.Plane()
		p.Advance(p.Ready())
		inputs := map[string][]json.RawMessage{}
		for r := range s.world.Records() {
			inputs[r.Op] = append(inputs[r.Op], r.Input)
		}
		for range 8 {
			op := rapid.SampledFrom(control.Operations()).Draw(t, "operation")
			list := append(inputs[op], json.RawMessage(`{}`), json.RawMessage(`{"cluster":"none","ResourceId":"service/none/none","resourceArn":"arn:aws:ecs:us-east-1:123456789012:cluster/none"}`), json.RawMessage(`"none"`), json.RawMessage(`["none"]`))
			for range 2 {
				input := spoil(t, rapid.SampledFrom(list).Draw(t, "input"))
				before := stateOf(p)
				tried[op]++
				err := p.Apply(control.Record{At: ecs.At(p.Now().Add(time.Millisecond)), Op: op, Input: input})
				r := p.Ready()
				if err != nil || len(r.Records) == 0 {
					refused[op]++
					if after := stateOf(p); after != before {
						t.Fatalf("%s %s: %v: %s", op, input, err, difference(before, after))
					}
					require.Empty(t, r.Records, "%s %s", op, input)
					require.Empty(t, r.Commands, "%s %s", op, input)
					require.Empty(t, r.Changes, "%s %s", op, input)
				}
				require.NoError(t, p.Check(), "%s %s", op, input)
				p.Advance(r)
			}
		}
	})
	for _, op := range control.Operations() {
		if op != "Tick" && !strings.HasPrefix(op, "CreateCluster") {
			require.Positive(t, refused[op], "%s was never refused in %d tries", op, tried[op])
		}
	}
}

// spoil changes one value somewhere in a document, now and then.
func spoil(t *rapid.T, input json.RawMessage) json.RawMessage {
	var v any
	if json.Unmarshal(input, &v) != nil || rapid.IntRange(0, 5).Draw(t, "whole") == 0 {
		return input
	}
	return must(json.Marshal(spoilt(t, v)))
}

func spoilt(t *rapid.T, v any) any {
	bad := rapid.SampledFrom([]any{"", "none", -1, 1e9, nil, "arn:aws:ecs:us-east-1:123456789012:task/storm/none", []any{}, true})
	switch v := v.(type) {
	case map[string]any:
		if len(v) == 0 {
			return bad.Draw(t, "bad")
		}
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		k := rapid.SampledFrom(keys).Draw(t, "key")
		if rapid.IntRange(0, 5).Draw(t, "drop") == 0 {
			delete(v, k)
		} else {
			v[k] = spoilt(t, v[k])
		}
		return v
	case []any:
		if len(v) > 0 && rapid.Bool().Draw(t, "inside") {
			i := rapid.IntRange(0, len(v)-1).Draw(t, "i")
			v[i] = spoilt(t, v[i])
			return v
		}
	}
	return bad.Draw(t, "bad")
}
