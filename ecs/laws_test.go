package ecs_test

import (
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/ecstest"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestLaws(t *testing.T) {
	t.Run("E4_a_planted_fault_is_found_and_no_other", func(t *testing.T) {
		for _, f := range ecstest.Faults() {
			t.Run(f.Rule, rapid.MakeCheck(func(t *rapid.T) {
				b := ecstest.BrokenBy(f).Draw(t, "broken")
				var found []string
				for e := range ecs.Errors(b.TaskDefinition.Validate()) {
					found = append(found, string(e.Code)+" "+e.Field)
				}
				require.Equal(t, []string{string(b.Code) + " " + b.Field}, found, "%v", b.TaskDefinition.Validate())
			}))
		}
	})
}
