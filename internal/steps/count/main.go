// Count prints how many steps parsing, validating, matching and the events of a service take for inputs
// that grow. It counts when it is built with -cover -covermode=atomic; package steps says how.
package main

import (
	"fmt"
	"log"
	"maps"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/iam"
	"github.com/bayplan/bayplan/ecs/query"
	"github.com/bayplan/bayplan/internal/steps"
)

// times is how much longer the long input is.
const times = 8

func main() {
	censuses()
	short, long := steps.Documents(16<<10), steps.Documents(times*16<<10)
	for _, name := range slices.Sorted(maps.Keys(long)) {
		var d [2]ecs.TaskDefinition
		row("parse", name, func(i int) {
			d[i], _ = ecs.ParseTaskDefinition([]byte([]string{short[name], long[name]}[i]))
		})
		row("validate", name, func(i int) { _ = d[i].Validate() })
	}
	brief, full := steps.Expressions(query.MaxLength/times-10), steps.Expressions(query.MaxLength-10)
	for _, name := range slices.Sorted(maps.Keys(full)) {
		row("query", name, func(i int) { _, _ = query.Parse([]string{brief[name], full[name]}[i]) })
	}
	for _, src := range []string{
		"attribute:x=~'" + strings.Repeat("a?", 200) + strings.Repeat("a", 200) + "'",
		"attribute:x=~'((a*)*)*b'", "attribute:x=~'(a|a)*b'", "attribute:x=~'(.*a){20}'", "attribute:x < 1",
	} {
		e, err := query.Parse(src)
		if err != nil {
			log.Fatal(err)
		}
		row("match", src[:min(len(src), 30)], func(i int) { e.Match(value(strings.Repeat("a", []int{250, 2000}[i]))) })
	}
	little, much := steps.Policies(1200), steps.Policies(times*1200)
	for _, name := range slices.Sorted(maps.Keys(much)) {
		row("policy", name, func(i int) { _, _ = iam.ParsePolicy(name, []byte([]string{little[name], much[name]}[i])) })
	}
	for _, pattern := range []string{strings.Repeat("*a", 50) + "*b", strings.Repeat("?*a", 50) + "b", "*" +
		strings.Repeat("?a", 50) + "b"} {
		p, err := iam.ParsePolicy("p", []byte(steps.Policy(pattern)))
		if err != nil {
			log.Fatal(err)
		}
		row("evaluate", pattern[:10], func(i int) {
			v := strings.Repeat("a", []int{500, 4000}[i])
			_, _ = iam.Evaluate([]*iam.Policy{p}, iam.Request{Action: "ecs:RunTask", Context: iam.Context{"a:b": {v}}})
		})
	}
}

// row prints the steps of the short and of the long input.
func row(what, name string, run func(i int)) {
	var n [2]uint64
	for i := range n {
		var err error
		if n[i], err = steps.Count(func() { run(i) }); err != nil {
			log.Fatal(err)
		}
	}
	fmt.Printf("%s\t%s\t%d\t%d\n", what, name, n[0], n[1])
}

// value is a subject whose attributes all have it.
type value string

func (v value) Lookup(string) (string, bool) { return string(v), true }
