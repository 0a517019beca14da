package replay

import (
	"fmt"
	"strings"

	"github.com/bayplan/bayplan/examples/markup"
)

// Markup returns the answers as part of a page that has the style sheet of package chart: the table, the chart, and
// the decisions.
func Markup(answers ...Answer) *markup.Markup {
	var m markup.Markup
	m.Open("div", "class", "report").Line().Leaf("h2", headline(answers), "class", "good").Line()
	m.Open("div", "class", "wide", "tabindex", "0", "role", "region", "aria-label", "Figures of the policies")
	m.Open("table").Line()
	for i, r := range Table(answers...) {
		if i == 0 {
			m.Open("thead")
		}
		m.Open("tr").Leaf("th", r.Says, "scope", "row")
		for _, f := range r.Figures {
			if i == 0 {
				m.Leaf("th", f, "scope", "col")
			} else {
				m.Leaf("td", f)
			}
		}
		if m.Close().Line(); i == 0 {
			m.Close().Open("tbody").Line()
		}
	}
	m.Close().Close().Close().Line()
	m.Leaf("h3", "Tasks, metric, alarms and cost over time").Line()
	m.Open("div", "class", "wide", "tabindex", "0", "role", "region", "aria-label", "Chart of the policies")
	m.Add(Drawing(answers...).Markup()).Close().Line()
	for _, a := range answers {
		m.Open("details").Leaf("summary", fmt.Sprintf("%s: %d decisions", a.Name, len(a.Summary.Decisions)))
		decisions := make([]string, len(a.Summary.Decisions))
		for i, d := range a.Summary.Decisions {
			decisions[i] = fmt.Sprintf("%s  %s", d.At, d)
		}
		m.Lines(strings.Join(decisions, "\n")).Close().Line()
	}
	return m.Close()
}

// headline is the answer in a sentence: of several, the one with the fewest task-hours missing, and of those the
// cheapest.
func headline(answers []Answer) string {
	if len(answers) == 0 {
		return "no policy"
	}
	best := answers[0]
	for _, a := range answers[1:] {
		if x, y := a.Summary.UnderHours, best.Summary.UnderHours; x < y || x == y && a.Cost.Total < best.Cost.Total {
			best = a
		}
	}
	s := fmt.Sprintf("%s: %.1f task-hours missing, at a cost of %.2f", best.Name, best.Summary.UnderHours,
		best.Cost.Total)
	if len(answers) > 1 {
		return "Fewest tasks missing with " + s
	}
	return s
}
