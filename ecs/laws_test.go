package ecs_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/ecstest"
	"github.com/bayplan/bayplan/ecs/registry"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestLaws(t *testing.T) {
	definition := reflect.TypeFor[ecs.TaskDefinition]()

	// Seen to fail: host ports filled in under bridge too; the CPU doubled at each pass; the
	// argument not cloned.
	t.Run("E1_normalize_is_idempotent", rapid.MakeCheck(func(t *rapid.T) {
		d := ecstest.TaskDefinitions().Draw(t, "task definition")
		before := d.Clone()
		once := d.Normalize()
		require.Equal(t, once, once.Normalize())
		require.Equal(t, before, d, "the argument changed")
		require.NoError(t, once.Validate(), "defaults break a rule")
		require.Equal(t, d.Requirements(), once.Requirements())
		require.Equal(t, d.StaticHostPorts(), once.StaticHostPorts())
	}))

	// Seen to fail: unknown keys dropped in structs behind a pointer; of two unknown keys the
	// first lost; networkMode read into another field.
	t.Run("E2_decode_and_encode_keep_everything", rapid.MakeCheck(func(t *rapid.T) {
		d := ecstest.TaskDefinitions().Draw(t, "task definition")
		if rapid.Bool().Draw(t, "described") {
			r := registry.New(registry.Config{})
			var err error
			d, err = r.Register(ecs.Instant(1700000000123456789).Time(), d)
			require.NoError(t, err)
		}
		document := treeOf(d)
		unknown := map[string]bool{}
		for range rapid.IntRange(0, 4).Draw(t, "unknown keys") {
			s := rapid.SampledFrom(spots("", document, definition)).Draw(t, "object")
			key := rapid.SampledFrom([]string{"x", "Name", "ünknown", "a.b", "", "placementStrategy"}).Draw(t, "key")
			s.object[key] = value().Draw(t, "value")
			unknown[key] = true
		}
		data := shuffled(t, document)

		var tolerant ecs.TaskDefinition
		require.NoError(t, json.Unmarshal(data, &tolerant))
		require.Equal(t, document, treeOf(tolerant))

		strict, err := ecs.ParseTaskDefinition(data)
		require.Equal(t, tolerant, strict)
		require.Equal(t, document, treeOf(strict))
		if len(unknown) == 0 && d.Revision == 0 {
			require.NoError(t, err)
		}
	}))

	// Seen to fail: a position counted from 1; a volume's path built from its name.
	t.Run("E3_every_field_resolves_in_the_input", rapid.MakeCheck(func(t *rapid.T) {
		document := faulty(t)
		data := shuffled(t, document)
		d, err := ecs.ParseTaskDefinition(data)
		for _, err := range []error{err, d.Validate(), d.ValidateBy(ecs.RuleSetClassic)} {
			for e := range ecs.Errors(err) {
				require.True(t, resolves(e.Field, document, definition), "%v\nin %s", e, data)
			}
		}
	}))

	// Seen to fail: port names forgotten; a Windows rule that fires on health checks; the
	// task's memory compared with a slack of 1 MiB.
	t.Run("E4_a_planted_fault_is_found_and_no_other", func(t *testing.T) {
		for _, f := range ecstest.Faults() {
			t.Run(f.Rule, rapid.MakeCheck(func(t *rapid.T) {
				b := ecstest.BrokenBy(f).Draw(t, "broken")
				require.Equal(t, []string{string(b.Code) + " " + b.Field}, named(b.TaskDefinition.Validate()), "%v",
					b.TaskDefinition.Validate())
			}))
		}
	})

	// Seen to fail: faults returned as met, without the order of ErrorList.Err.
	t.Run("E5_the_order_of_keys_does_not_matter", rapid.MakeCheck(func(t *rapid.T) {
		document := faulty(t)
		a, errA := ecs.ParseTaskDefinition(shuffled(t, document))
		b, errB := ecs.ParseTaskDefinition(shuffled(t, document))
		require.Equal(t, errA, errB)
		require.Equal(t, a.Validate(), b.Validate())
	}))
}

// named returns code and field of each fault.
func named(err error) []string {
	var list []string
	for e := range ecs.Errors(err) {
		list = append(list, string(e.Code)+" "+e.Field)
	}
	return list
}

// faulty draws a document with a broken rule and keys and values that do not belong.
func faulty(t *rapid.T) any {
	document := treeOf(ecstest.BrokenTaskDefinitions().Draw(t, "broken").TaskDefinition)
	definition := reflect.TypeFor[ecs.TaskDefinition]()
	for range rapid.IntRange(0, 3).Draw(t, "keys") {
		s := rapid.SampledFrom(spots("", document, definition)).Draw(t, "object")
		key := rapid.SampledFrom([]string{"x", "Name", "a.b", `q"t`, "FAMILY"}).Draw(t, "key")
		if fields := reflect.VisibleFields(s.typ); rapid.Bool().Draw(t, "known") {
			key = tag(rapid.SampledFrom(slices.DeleteFunc(fields, func(f reflect.StructField) bool {
				return tag(f) == ""
			})).Draw(t, "field"))
		}
		s.object[key] = value().Draw(t, "value")
	}
	return document
}
