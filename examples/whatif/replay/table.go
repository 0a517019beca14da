package replay

import (
	"fmt"
	"io"
	"strings"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
)

// AskAll replays the load under the policies of each question, and names those apart that have the same name.
func AskAll(questions []Question, load cloudwatch.Series) (answers []Answer, err error) {
	seen := map[string]int{}
	for _, q := range questions {
		a, err := Ask(q, load)
		if err != nil {
			if len(questions) > 1 {
				return nil, fmt.Errorf("%s: %w", q.name(), err)
			}
			return nil, err
		}
		if seen[a.Name]++; seen[a.Name] > 1 {
			a.Name = fmt.Sprintf("%s (%d)", a.Name, seen[a.Name])
		}
		answers = append(answers, a)
	}
	return answers, nil
}

// Row is one line of the table: what it says, and of each answer the figure.
type Row struct {
	Says    string
	Figures []string
}

// Table returns what came of each answer, beside one another. The first row has their names.
func Table(answers ...Answer) (rows []Row) {
	for _, r := range []struct {
		says   string
		figure func(a Answer) string
	}{
		{"policies", func(a Answer) string { return a.Name }},
		{"periods, those without data", func(a Answer) string {
			return fmt.Sprintf("%d, %d", a.Summary.Periods, a.Summary.Missing)
		}},
		{"scaled out, in", func(a Answer) string {
			return fmt.Sprintf("%d, %d", a.Summary.ScaleOuts, a.Summary.ScaleIns)
		}},
		{"tasks", func(a Answer) string { return fmt.Sprintf("%d to %d", a.Summary.Least, a.Summary.Most) }},
		{"minutes with tasks missing", func(a Answer) string {
			return fmt.Sprintf("%.6g", a.Summary.UnderTarget.Minutes())
		}},
		{"task-hours missing", func(a Answer) string { return fmt.Sprintf("%.1f", a.Summary.UnderHours) }},
		{"task-hours too many", func(a Answer) string { return fmt.Sprintf("%.1f", a.Summary.OverHours) }},
		{"task-hours", func(a Answer) string { return fmt.Sprintf("%.1f", a.Summary.TaskHours) }},
		{"cost of a task-hour", func(a Answer) string { return fmt.Sprintf("%.4f", a.Cost.PerTaskHour) }},
		{"cost", func(a Answer) string { return fmt.Sprintf("%.2f", a.Cost.Total) }},
		{"of it unused", func(a Answer) string { return fmt.Sprintf("%.2f", a.Cost.Unused) }},
	} {
		row := Row{Says: r.says}
		for _, a := range answers {
			row.Figures = append(row.Figures, r.figure(a))
		}
		rows = append(rows, row)
	}
	return rows
}

// Text writes the table, and for each answer the decisions that changed something.
func Text(w io.Writer, answers ...Answer) error {
	var b strings.Builder
	widths := make([]int, len(answers))
	rows := Table(answers...)
	for _, r := range rows {
		for i, f := range r.Figures {
			widths[i] = max(widths[i], len([]rune(f)))
		}
	}
	for _, r := range rows {
		line := fmt.Sprintf("%-28s", r.Says)
		for i, f := range r.Figures {
			line += "  " + f + strings.Repeat(" ", widths[i]-len([]rune(f)))
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	for _, a := range answers {
		b.WriteString("\n")
		if len(answers) > 1 {
			b.WriteString(a.Name + "\n")
		}
		for _, d := range a.Summary.Decisions {
			fmt.Fprintf(&b, "%s  %s\n", d.At, d)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}
