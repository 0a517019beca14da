package scenario

import (
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs/sim"
)

// Happening is something that happens at a time after the command's first deployment.
type Happening struct {
	At     time.Duration
	Text   string // its first line, for the report
	Script *sim.Script
}

// After returns what happens after the command's first deployment, in order of time.
func (s Scenario) After(n Names) ([]Happening, error) {
	text, err := n.Fill(s.after)
	if err != nil {
		return nil, s.fault(s.afterLine, "%v", err)
	}
	var list []Happening
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); {
		line := strings.TrimSpace(lines[i])
		if line == "" || line[0] == '#' {
			i++
			continue
		}
		at, first, found := dated(line)
		if !found {
			return nil, s.fault(s.afterLine+i,
				"what happens after begins with a time, as in: at 30s alarm errors ALARM")
		}
		end := i + 1
		for end < len(lines) && !strings.HasPrefix(strings.TrimSpace(lines[end]), "at ") {
			end++
		}
		script, err := sim.ParseScript([]byte(strings.Join(append([]string{first}, lines[i+1:end]...), "\n")))
		if err != nil {
			return nil, s.fault(s.afterLine+i, "%v", err)
		}
		list = append(list, Happening{at, first, script})
		i = end
	}
	slices.SortStableFunc(list, func(a, b Happening) int { return int(a.At - b.At) })
	return list, nil
}

// dated splits "at 30s COMMAND".
func dated(line string) (time.Duration, string, bool) {
	rest, found := strings.CutPrefix(line, "at ")
	text, command, _ := strings.Cut(strings.TrimSpace(rest), " ")
	at, err := time.ParseDuration(text)
	return at, strings.TrimSpace(command), found && err == nil && at >= 0 && command != ""
}
