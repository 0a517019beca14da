package scenario

import (
	"fmt"
	"strings"
	"text/template"

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
	if err == nil {
		s.before, err = s.template(parts["before"])
	}
	if err == nil {
		s.after, err = s.template(parts["after"])
	}
	s.afterLine = parts["after"].line
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
func (s *Scenario) head(p part) (err error) {
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
			if s.Exit != Zero && s.Exit != Nonzero && s.Exit != Any {
				return s.fault(i+1, "exit is zero, nonzero or any; it is %q", value)
			}
		case "truth":
			s.Truth = strings.Fields(value)
		case "hung":
			if s.MayHang = value == "may"; !s.MayHang {
				return s.fault(i+1, "hung is may, or is not there; it is %q", value)
			}
		case "definition":
			if s.definition, err = s.template(part{value, i + 1}); err != nil {
				return err
			}
		default:
			return s.fault(i+1, "there is no field %q", key)
		}
	}
	if s.Title == "" || s.Exit == "" || len(s.Truth) == 0 {
		return s.fault(1, "a scenario has a title, an exit and a truth")
	}
	if s.definition == nil {
		s.definition, err = s.template(part{plain, 1})
	}
	return err
}

func (s *Scenario) template(p part) (*template.Template, error) {
	t, err := template.New(s.Name).Parse(p.text)
	if err != nil {
		return nil, s.fault(p.line, "%v", err)
	}
	return t, nil
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
	text, err := n.fill(s.before)
	if err != nil {
		return nil, fmt.Errorf("scenario %s: before: %w", s.Name, err)
	}
	script, err := sim.ParseScript([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("scenario %s: before: %w", s.Name, err)
	}
	return script, nil
}
