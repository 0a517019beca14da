package sim

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"time"
	"unicode/utf8"
)

// Script is a story of a world: dated commands, one a line. Lines that start with # are comments; a
// command without a date follows when the one before it is done.
//
//	instances 2 type=m5.large zone=us-east-1a,us-east-1b
//	RegisterTaskDefinition {"family": "web", "containerDefinitions": [{"name": "web", "image": "web", "memory": 128}]}
//	CreateService {"serviceName": "web", "taskDefinition": "web", "desiredCount": 2}
//	run until=steady
//	at 5m drain i1
//	run until=steady
//	----
//
// A word in upper camel case is a request by its name in the API of ECS or Application Auto
// Scaling, with its input as JSON, here or in a file (@name.json); JSON may go on over
// several lines. Requests of the other services have the service before their name, as in
// codedeploy:CreateApplication. The other commands are:
//
//	seed N                                  before all others
//	cluster NAME                            of the commands below; without it, default
//	instances N type=… zone=a,b provider=… attribute=NAME=VALUE
//	                                        join, named i1, i2, …, in the zones in turn
//	group PROVIDER type=… zone=a,b          the Auto Scaling group of a capacity provider
//	image NAME pull=3s start=1s serve=90s stop=1s exit=20s code=1 pull-error=… start-error=…
//	      stubborn private requests=600 health=unhealthy target=unhealthy
//	                                        (all on one line) how containers of an image behave
//	faults loss=0.1 repeat=0.1 delay=0.1 fail=0.1
//	hook ARN STATUS                         what a lifecycle hook answers from now on
//	alarm NAME STATE                        OK, ALARM or INSUFFICIENT_DATA
//	load SERVICE N/min                      requests that come from now on
//	drain i1, activate i1, terminate i1, terminate zone=a, disconnect i1, connect i1, spot i1
//	reboot i1, reboot i1 silent             its agent forgets its tasks; silent: and does not report that
//	kill t1, stop t1, spot t1               tasks are named t1, t2, … as they appear
//	update SERVICE to=N                     desired count or, with a name, task definition
//	crash                                   the plane, which is built again from its records
//	run 10m, run until=steady limit=1h      lets time pass; earlier messages arrive first
//
// The text below a line of four dashes is the expected timeline.
type Script struct {
	// Files has the files of @names; nil: no files.
	Files fs.FS
	// Want is the text below the line "----"; "" without such a line.
	Want     string
	commands []command
}

// ScriptError is a fault in a script, or a command that could not be carried out.
type ScriptError struct {
	Line, Column int // from 1; columns count characters
	Message      string
}

// Error returns "line:column: message".
func (e *ScriptError) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message) }

// command is one line of a script.
type command struct {
	line   int
	at     time.Duration
	dated  bool
	verb   word
	args   []word
	body   []byte // JSON
	source word   // of the body
}

type word struct {
	text   string
	column int
}

// option splits "key=value".
func (w word) option() (key, value string) {
	key, value, _ = strings.Cut(w.text, "=")
	return key, value
}

// ParseScript reads a script. The error is a *ScriptError.
func ParseScript(src []byte) (*Script, error) {
	s := &Script{}
	text := strings.ReplaceAll(string(src), "\r\n", "\n")
	if above, below, found := strings.Cut("\n"+text, "\n----\n"); found {
		text, s.Want = strings.TrimPrefix(above, "\n"), below
	}
	lines := strings.Split(text, "\n")
	for n := 0; n < len(lines); n++ {
		line := lines[n]
		if trimmed := strings.TrimSpace(line); trimmed == "" || trimmed[0] == '#' {
			continue
		}
		c, err := parseCommand(line, n+1)
		if err != nil {
			return nil, err
		}
		if c.source.text == "{" {
			used, err := c.readBody(lines[n:], n+1)
			if err != nil {
				return nil, err
			}
			n += used
		}
		s.commands = append(s.commands, c)
	}
	return s, nil
}

func fault(line, column int, format string, args ...any) *ScriptError {
	return &ScriptError{line, column, fmt.Sprintf(format, args...)}
}

// parseCommand reads the words of a line, up to a body.
func parseCommand(line string, n int) (command, error) {
	c := command{line: n}
	all := words(line)
	if all[0].text == "at" {
		if len(all) < 3 {
			return c, fault(n, all[0].column, "at needs a time and a command")
		}
		d, err := time.ParseDuration(all[1].text)
		if err != nil || d < 0 {
			return c, fault(n, all[1].column, "%q is not a time since the start, such as 90s or 5m", all[1].text)
		}
		c.at, c.dated, all = d, true, all[2:]
	}
	c.verb = all[0]
	for _, w := range all[1:] {
		if w.text[0] == '{' {
			c.source = word{"{", w.column}
			break
		}
		if w.text[0] == '@' {
			c.source = w
			continue
		}
		c.args = append(c.args, w)
	}
	return c, c.check()
}

// words splits a line; a word may have a value in quotes, key="a b".
func words(line string) []word {
	var list []word
	start, quoted := -1, false
	for i := 0; i <= len(line); i++ {
		space := i == len(line) || !quoted && (line[i] == ' ' || line[i] == '\t')
		switch {
		case space && start >= 0:
			text := strings.ReplaceAll(line[start:i], `"`, "")
			if text == "" {
				text = line[start:i] // nothing but quotes
			}
			list = append(list, word{text, utf8.RuneCountInString(line[:start]) + 1})
			start = -1
		case !space && start < 0:
			start = i
		}
		if i < len(line) && line[i] == '{' && start == i {
			return append(list, word{"{", utf8.RuneCountInString(line[:i]) + 1})
		}
		if i < len(line) && line[i] == '"' {
			quoted = !quoted
		}
	}
	return list
}

// readBody reads a JSON value that starts on the first of the lines, and returns how many
// more it took.
func (c *command) readBody(lines []string, n int) (int, error) {
	runes := []rune(lines[0])
	text := string(runes[c.source.column-1:])
	for _, line := range lines[1:] {
		text += "\n" + line
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	var raw json.RawMessage
	if err := decoder.Decode(&raw); err != nil {
		offset := decoder.InputOffset()
		if syntax, ok := err.(*json.SyntaxError); ok {
			offset = syntax.Offset
		}
		return 0, c.jsonFault(text, int(offset), n, err)
	}
	end := int(decoder.InputOffset())
	rest, _, _ := strings.Cut(text[end:], "\n")
	if strings.TrimSpace(rest) != "" {
		return 0, c.jsonFault(text, end+1, n, fmt.Errorf("%q follows the JSON", strings.TrimSpace(rest)))
	}
	c.body = bytes.Clone(raw)
	return strings.Count(text[:end], "\n"), nil
}

// jsonFault places an error at the offset of a body that starts on line n.
func (c *command) jsonFault(text string, offset, n int, err error) *ScriptError {
	before := text[:min(max(offset-1, 0), len(text))]
	newline := strings.LastIndexByte(before, '\n')
	column := utf8.RuneCountInString(before[newline+1:]) + 1
	if newline < 0 {
		column += c.source.column - 1
	}
	return fault(n+strings.Count(before, "\n"), column, "JSON: %v", err)
}

// verb is what a command takes and does.
type verb struct {
	least, most int // words that follow; -1: any number
	do          func(*run, command) error
}

// verbOf returns the command of a name.
func verbOf(name string) (verb, bool) {
	switch name {
	case "seed":
		return verb{1, 1, (*run).seed}, true
	case "cluster":
		return verb{1, 1, (*run).speakOf}, true
	case "instances":
		return verb{1, -1, (*run).instances}, true
	case "group":
		return verb{1, -1, (*run).group}, true
	case "image":
		return verb{1, -1, (*run).image}, true
	case "faults":
		return verb{1, -1, (*run).faults}, true
	case "hook":
		return verb{2, 2, (*run).hook}, true
	case "alarm":
		return verb{2, 2, (*run).alarm}, true
	case "load":
		return verb{2, 2, (*run).load}, true
	case "update":
		return verb{2, 2, (*run).update}, true
	case "drain", "activate":
		return verb{1, 1, (*run).drain}, true
	case "connect", "disconnect":
		return verb{1, 1, (*run).connect}, true
	case "reboot":
		return verb{1, 2, (*run).reboot}, true
	case "terminate":
		return verb{1, 1, (*run).terminate}, true
	case "spot":
		return verb{1, 1, (*run).spot}, true
	case "kill":
		return verb{1, 1, (*run).kill}, true
	case "stop":
		return verb{1, 1, (*run).stop}, true
	case "crash":
		return verb{0, 0, (*run).crash}, true
	case "run":
		return verb{1, -1, (*run).pass}, true
	}
	return verb{}, false
}

// check refuses unknown commands and wrong numbers of words.
func (c *command) check() error {
	if r := c.verb.text[0]; r >= 'A' && r <= 'Z' || strings.Contains(c.verb.text, ":") {
		if !isRequest(c.verb.text) {
			return fault(c.line, c.verb.column, "%s is not a request", c.verb.text)
		}
		if len(c.args) > 0 {
			return fault(c.line, c.args[0].column, "%s takes its input as JSON or as @file", c.verb.text)
		}
		if c.source.text == "" {
			return fault(c.line, c.verb.column, "%s needs its input as JSON or as @file", c.verb.text)
		}
		return nil
	}
	v, ok := verbOf(c.verb.text)
	switch {
	case !ok:
		return fault(c.line, c.verb.column, "%s is not a command", c.verb.text)
	case c.source.text != "":
		return fault(c.line, c.source.column, "%s takes no JSON", c.verb.text)
	case len(c.args) < v.least:
		return fault(c.line, c.verb.column, "%s needs %s", c.verb.text, more(v.least-len(c.args)))
	case v.most >= 0 && len(c.args) > v.most:
		return fault(c.line, c.args[v.most].column, "%s does not take %q", c.verb.text, c.args[v.most].text)
	}
	return nil
}

func more(words int) string {
	if words == 1 {
		return "1 more word"
	}
	return fmt.Sprintf("%d more words", words)
}
