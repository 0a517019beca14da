package capacity

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement"
)

// whyHere says in a line why placement chose an instance: what each rule of the strategy
// found, and what settled a tie.
func whyHere(e placement.Explanation) string {
	parts := make([]string, 0, len(e.Steps)+1)
	candidates := 1
	for _, st := range e.Steps {
		candidates = st.Candidates
		switch st.Strategy.Type {
		case ecs.PlacementStrategyTypeSpread:
			parts = append(parts, strings.TrimPrefix(st.Strategy.Field, "attribute:ecs.")+" has "+counted(st))
		case ecs.PlacementStrategyTypeBinpack:
			parts = append(parts, counted(st)+" "+st.Strategy.Field+" free")
		default:
			parts = append(parts, "drawn by the seed")
		}
	}
	if candidates > 1 {
		parts = append(parts, fmt.Sprintf("lowest ID of %d", candidates))
	}
	return strings.Join(parts, ", ")
}

// counted returns a step's count, with that of the runner-up.
func counted(st placement.Step) string {
	if st.Margin < 0 {
		return strconv.FormatInt(st.Count, 10)
	}
	return fmt.Sprintf("%d (next %d)", st.Count, st.Count+st.Margin)
}
