// Package report writes what the drill found: lines for a ticket, JSON, JUnit's XML, and a page that loads no other
// file.
//
// # Start here
//
// [Line] writes one result as it comes, and [Summary] the last line. [JSON], [JUnit] and [Page] write all results.
package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/bayplan/bayplan/examples/drill/verdict"
)

// Line writes a result: one line, and below it what is wrong. With details it writes the timeline, too.
func Line(out io.Writer, r verdict.Result, details bool) error {
	text := fmt.Sprintf("%s %-34s %-5s %-10s %7s real, %s virtual\n", mark(r.Passed), r.Scenario.Name, r.Pace,
		r.Verdict, r.Wall().Round(100*time.Millisecond), verdict.Clock(r.ExitedAt()))
	if !r.Passed || details {
		for _, why := range r.Why {
			text += "      " + why + "\n"
		}
		for _, why := range r.Warnings {
			text += "      note: " + why + "\n"
		}
		if r.Scenario.Advice != "" {
			text += "      " + r.Scenario.Advice + "\n"
		}
	}
	if details || !r.Passed {
		for _, run := range r.Runs {
			text += said(run)
		}
	}
	if details {
		for _, row := range timeline(r) {
			line := fmt.Sprintf("    %s %-13s %-40s %s", mark(!row.Bad), row.When(), row.Asked, row.Done())
			text += strings.TrimRight(line, " ") + "\n"
		}
	}
	_, err := io.WriteString(out, printable(text))
	return err
}

// mark is the first letter of a line.
func mark(right bool) string {
	if right {
		return " "
	}
	return "✗"
}

// said is the end of what the command printed.
func said(r verdict.Run) (text string) {
	lines := strings.Split(strings.TrimSpace(r.Ending.Output), "\n")
	for _, line := range lines[max(0, len(lines)-3):] {
		if line = strings.TrimSpace(line); line != "" {
			text += "      " + subject(r) + " printed: " + line + "\n"
		}
	}
	return text
}

// subject is what a sentence calls a run.
func subject(r verdict.Run) string {
	if r.Name == "" {
		return "it"
	}
	return "the " + r.Name + " run"
}

// printable takes away what could move a terminal's cursor.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && (r < ' ' || r == 0x7f || r >= 0x80 && r < 0xa0) {
			return '·'
		}
		return r
	}, text)
}

// Summary says in a line how many results there are of each verdict, and what to do.
func Summary(results []verdict.Result) string {
	var order []verdict.Verdict
	n := map[verdict.Verdict]int{}
	failed, early := 0, false
	for _, r := range results {
		if n[r.Verdict]++; n[r.Verdict] == 1 {
			order = append(order, r.Verdict)
		}
		if !r.Passed {
			failed++
		}
		early = early || r.Verdict == verdict.Early
	}
	var words []string
	for _, v := range order {
		words = append(words, fmt.Sprintf("%d %s", n[v], v))
	}
	text := fmt.Sprintf("%d runs: %s. ", len(results), strings.Join(words, ", "))
	if len(results) == 1 {
		text = fmt.Sprintf("1 run: %s. ", words[0])
	}
	switch {
	case len(results) == 0:
		return "Nothing was run."
	case Code(results) == 2:
		return text + "The drill could not judge the command in all of them."
	case early:
		return text + "The command ends before its deployment does. If it is not to wait, say so by -no-wait."
	case failed > 0:
		return text + "The command does not notice what ECS does."
	}
	return text + "The command notices what ECS does."
}

// Code is the drill's exit code: 0 all is right, 1 the command failed in a scenario, 2 the drill could not judge. A
// failure that was judged comes first.
func Code(results []verdict.Result) int {
	code := 0
	for _, r := range results {
		switch {
		case r.Judged() && !r.Passed:
			return 1
		case !r.Judged():
			code = 2
		}
	}
	if len(results) == 0 {
		return 2
	}
	return code
}
