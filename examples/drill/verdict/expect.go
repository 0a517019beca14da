package verdict

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/examples/drill/scenario"
	"github.com/bayplan/bayplan/examples/drill/stage"
)

// Expected are the known faults of a command, by scenario and pace. What is not in it is expected to pass.
type Expected map[key]string

type key struct {
	scenario string
	pace     stage.Pace // "": both
}

// Expect reads known faults. A line names a scenario by its number or its name, a pace if the fault shows at one only,
// and the verdict with its codes:
//
//	2       FAIL W1
//	5a step FAIL
//	# a comment
//
// The error names each line with a fault.
func Expect(text string, all []scenario.Scenario) (Expected, error) {
	list := Expected{}
	for i, line := range strings.Split(text, "\n") {
		fault := func(text string) error { return fmt.Errorf("line %d: %s", i+1, text) }
		line, _, _ = strings.Cut(line, "#")
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		some, err := scenario.Select(all, words[:1])
		if err != nil {
			return nil, fault(err.Error())
		}
		k := key{scenario: some[0].Name}
		if words = words[1:]; len(words) > 0 && slices.Contains(stage.Paces(), stage.Pace(words[0])) {
			k.pace, words = stage.Pace(words[0]), words[1:]
		}
		if len(words) == 0 {
			return nil, fault("a scenario needs its verdict, such as FAIL W1")
		}
		if _, twice := list[k]; twice {
			return nil, fault(k.scenario + " is there twice")
		}
		list[k] = strings.Join(words, " ")
	}
	return list, nil
}

// Says is the verdict with its codes, as reports show it and as it stands in a file of known faults.
func (r Result) Says() string {
	return strings.Join(append([]string{string(r.Verdict)}, r.Codes...), " ")
}

// Meet compares a result with what is expected: a fault that is known passes, and one that does not show any more
// fails, so that its line is taken out.
func (e Expected) Meet(r Result) Result {
	want, known := e[key{r.Scenario.Name, r.Pace}]
	if !known {
		want, known = e[key{scenario: r.Scenario.Name}]
	}
	switch {
	case !known || !r.Judged():
		return r
	case want == r.Says():
		r.Passed = true
		r.Warnings = append(slices.Clone(r.Warnings), "the fault is known: -expect has "+want)
		return r
	}
	r.Passed = false
	r.Why = append(slices.Clone(r.Why), fmt.Sprintf("-expect has %s, and it is %s", want, r.Says()))
	return r
}
