package scenario

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs/sim"
)

// plain is the task definition that the command is handed, unless the scenario has its own.
const plain = `{"family": "{{.Family}}", "containerDefinitions": [{"name": "{{.Container}}", "image": "{{.Image}}", ` +
	`"memory": 128, "portMappings": [{"containerPort": 80}]}]}`

// part is a part of a scenario's file.
type part struct {
	text string
	line int // where it begins in the file
}

// Parse reads a scenario. The error has the name, and the line of the fault.
func Parse(name, text string) (Scenario, error) {
	s := Scenario{Name: name}
	parts, err := s.cut(strings.ReplaceAll(text, "\r\n", "\n"))
	if err == nil {
		err = s.head(parts[""])
	}
	s.before, s.after, s.afterLine = parts["before"].text, parts["after"].text, parts["after"].line
	if err == nil {
		err = s.faults(parts["faults"])
	}
	if err == nil {
		err = s.rehearse()
	}
	return s, err
}

// fault is an error at a line.
func (s *Scenario) fault(line int, format string, args ...any) error {
	return fmt.Errorf("scenario %s:%d: %s", s.Name, line, fmt.Sprintf(format, args...))
}

// cut splits a file at the lines that begin with four equals signs. The head has the name "".
func (s *Scenario) cut(text string) (map[string]part, error) {
	parts := map[string]part{}
	name, from := "", 0
	lines := strings.Split(text, "\n")
	for i := 0; i <= len(lines); i++ {
		next, title := "", i == len(lines)
		if !title {
			next, title = strings.CutPrefix(lines[i], "==== ")
		}
		if !title {
			continue
		}
		if _, twice := parts[name]; twice {
			return nil, s.fault(from, "the part %q is there twice", name)
		}
		parts[name] = part{strings.Join(lines[from:i], "\n"), from + 1}
		name, from = strings.TrimSpace(next), i+1
		switch name {
		case "before", "after", "faults", "":
		default:
			return nil, s.fault(i+1, "%q is not a part: before, after or faults", name)
		}
	}
	return parts, nil
}

// head reads the fields.
func (s *Scenario) head(p part) error {
	for i, line := range strings.Split(p.text, "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		key, value, found := strings.Cut(line, ":")
		if value = strings.TrimSpace(value); !found || value == "" {
			return s.fault(i+1, "%q is not a field: its name, a colon and its value", line)
		}
		switch key {
		case "title":
			s.Title = value
		case "advice":
			s.Advice = value
		case "exit":
			s.Exit = Exit(value)
			if !slices.Contains([]Exit{Zero, Nonzero, Any, One}, s.Exit) {
				return s.fault(i+1, "exit is zero, nonzero, any or one; it is %q", value)
			}
		case "truth":
			s.Truth = strings.Fields(value)
		case "hung":
			if s.MayHang = value == "may"; !s.MayHang {
				return s.fault(i+1, "hung is may, or is not there; it is %q", value)
			}
		case "definition":
			s.definition = value
		default:
			return s.fault(i+1, "there is no field %q", key)
		}
	}
	if s.Title == "" || s.Exit == "" || len(s.Truth) == 0 {
		return s.fault(1, "a scenario has a title, an exit and a truth")
	}
	s.definition = cmp.Or(s.definition, plain)
	return nil
}

// rehearse fills everything in once, so that a fault shows before any command runs.
func (s *Scenario) rehearse() error {
	n := Default()
	if _, err := s.Hand(n); err != nil {
		return s.fault(1, "definition: %v", err)
	}
	if _, err := s.Before(n); err != nil {
		return err
	}
	_, err := s.After(n)
	return err
}

// Before returns the script that sets the scene.
func (s Scenario) Before(n Names) (*sim.Script, error) {
	text, err := n.Fill(s.before)
	if err != nil {
		return nil, fmt.Errorf("scenario %s: before: %w", s.Name, err)
	}
	script, err := sim.ParseScript([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("scenario %s: before: %w", s.Name, err)
	}
	return script, nil
}
