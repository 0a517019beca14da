package control_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/sim"
)

// A refused request changes nothing: not the state, not the time, not an ID, and it leaves no
// record. Random worlds try inputs that were made in them, spoilt in one place, and inputs that no
// operation takes; made_in_a_storm tries each operation in the same way every time.
//
// Seen to fail: request without its return to the counters before.
func TestRefusedChangesNothing(t *testing.T) {
	t.Run("random", rapid.MakeCheck(func(t *rapid.T) {
		s := stormy(t, 60, func(*storm, *control.Plane) {})
		inputs := madeInputs(s)
		for range 8 {
			op := rapid.SampledFrom(control.Operations()).Draw(t, "operation")
			list := append(inputs[op], foreignInputs()...)
			for range 2 {
				refuses(t, s.world.Plane(), op, spoil(t, rapid.SampledFrom(list).Draw(t, "input")))
			}
		}
	}))
	t.Run("made_in_a_storm", func(t *testing.T) {
		s := newStorm(1, sim.Faults{})
		for range 300 {
			s.step()
		}
		inputs, tried, refused := madeInputs(s), map[string]int{}, map[string]int{}
		for _, op := range control.Operations() {
			for _, input := range slices.Concat(inputs[op][:min(3, len(inputs[op]))], foreignInputs()) {
				for _, spoilt := range spoilings(input) {
					tried[op]++
					if refuses(t, s.world.Plane(), op, spoilt) {
						refused[op]++
					}
				}
			}
			if op != "Tick" {
				require.Positive(t, refused[op], "%s was never refused in %d tries", op, tried[op])
			}
		}
	})
}

// madeInputs are the inputs of each operation that the records of the storm's world have.
func madeInputs(s *storm) map[string][]json.RawMessage {
	p := s.world.Plane()
	p.Advance(p.Ready())
	inputs := map[string][]json.RawMessage{}
	for r := range s.world.Records() {
		inputs[r.Op] = append(inputs[r.Op], r.Input)
	}
	return inputs
}

// foreignInputs are inputs that name nothing that exists, or that are not inputs.
func foreignInputs() []json.RawMessage {
	return []json.RawMessage{
		json.RawMessage(`{}`),
		json.RawMessage(`{"cluster":"none","ResourceId":"service/none/none",` +
			`"resourceArn":"arn:aws:ecs:us-east-1:123456789012:cluster/none"}`),
		json.RawMessage(`"none"`),
		json.RawMessage(`["none"]`),
	}
}

// refuses applies the input and reports whether it was refused, or changed nothing; then nothing
// at all may have changed.
func refuses(t require.TestingT, p *control.Plane, op string, input json.RawMessage) bool {
	before := stateOf(p)
	err := p.Apply(control.Record{At: ecs.At(p.Now().Add(time.Millisecond)), Op: op, Input: input})
	r := p.Ready()
	refused := err != nil || len(r.Records) == 0
	if refused {
		after := stateOf(p)
		require.Equal(t, before, after, "%s %s: %v", op, input, err)
		require.Empty(t, r.Records, "%s %s", op, input)
		require.Empty(t, r.Commands, "%s %s", op, input)
		require.Empty(t, r.Changes, "%s %s", op, input)
	}
	require.NoError(t, p.Check(), "%s %s", op, input)
	p.Advance(r)
	return refused
}

// spoilings are the input, and the input with one of its members spoilt in each way.
func spoilings(input json.RawMessage) []json.RawMessage {
	list := []json.RawMessage{input}
	var members map[string]any
	if json.Unmarshal(input, &members) != nil {
		return list
	}
	for _, k := range slices.Sorted(maps.Keys(members)) {
		whole := members[k]
		for _, members[k] = range badValues() {
			list = append(list, must(json.Marshal(members)))
		}
		members[k] = whole
	}
	return list
}

func badValues() []any {
	return []any{"", "none", -1, 1e9, nil, "arn:aws:ecs:us-east-1:123456789012:task/storm/none", []any{}, true}
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
	bad := rapid.SampledFrom(badValues())
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
