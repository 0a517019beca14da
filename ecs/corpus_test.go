package ecs_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/stretchr/testify/require"
)

const corpus = "../../shared/data/taskdefs"

// unnoted are rules of AWS that the corpus's notes, which come from another check, do not
// know: a fault by one of them is right although no note tells of it.
func unnoted(e *ecs.Error) bool {
	for _, message := range []string{
		// facts 3.2 "Fargate, awslogs role"
		"Fargate requires task definition to have execution role ARN to support log driver awslogs.",
		"Proxy container [envoy] does not exist.",                     // facts 3.2 "App Mesh mode / container / port"
		"Invalid 'cpu' setting for task.",                             // facts 1.5, cpu 128 to 196608
		"Tags can not be empty.",                                      // [LIVE] "tags": []
		"Role is not valid. The account of its ARN is twelve digits;", // placeholders such as aws_account_id
	} {
		if strings.HasPrefix(e.Message, message) {
			return true
		}
	}
	return false
}

// TestCorpus checks real task definitions that nobody here wrote. TestCheck and TestLaws are
// its twins on this project's own.
func TestCorpus(t *testing.T) {
	files, _ := filepath.Glob(corpus + "/*.json")
	if len(files) == 0 {
		t.Skip("no corpus at " + corpus)
	}
	notes := readNotes(t)
	var clean, noted, marked, unnotedFiles, faults, invalid int
	for _, file := range files {
		name := filepath.Base(file)
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		d, err := ecs.ParseTaskDefinition(data)
		document := tree(data)
		note, known := notes[name]
		require.True(t, known, "%s is not in the list", name)

		var found []*ecs.Error
		for _, err := range []error{err, d.Validate()} {
			for e := range ecs.Errors(err) {
				found = append(found, e)
			}
		}
		faults += len(found)
		for _, e := range found {
			require.NotContains(t, e.Message, "line ", "%s: %v", name, e)
		}
		for _, want := range expected(note, document) {
			require.True(t, has(found, want), "%s: %q is not found: %v", name, want, found)
			if strings.Contains(note, "INVALID") {
				invalid++
			}
		}
		lossless(t, name, data, d)
		switch {
		case len(found) == 0:
			clean++
			require.NotContains(t, note, "INVALID", name)
		case strings.Contains(note, "INVALID"):
			noted++
		default:
			rest := 0
			for _, e := range found {
				switch {
				case unnoted(e) && !marker(document, e.Field):
					rest++
				case has([]*ecs.Error{e}, expected(note, document)...):
				default:
					require.True(t, marker(document, e.Field), "%s (%s): %v", name, note, e)
				}
			}
			if rest > 0 {
				unnotedFiles++
			} else {
				marked++
			}
		}
	}
	unparseable, _ := filepath.Glob(corpus + "/unparseable/*.json")
	for _, file := range unparseable {
		data, err := os.ReadFile(file)
		require.NoError(t, err)
		_, err = ecs.ParseTaskDefinition(data)
		require.ErrorIs(t, err, ecs.SerializationException, file)
		require.Regexp(t, `line \d+, column \d+`, err.Error(), file)
	}
	t.Logf("%d task definitions: %d without a fault; %d with faults that their notes tell of (%d notes of INVALID "+
		"found at their place), %d with faults where their notes or template markers are, %d with faults by rules "+
		"that the notes do not know; %d faults in all. %d documents that are no JSON, all refused.",
		len(files), clean, noted, invalid, marked, unnotedFiles, faults, len(unparseable))
}

// readNotes returns the notes on each file.
func readNotes(t *testing.T) map[string]string {
	data, err := os.ReadFile(corpus + "/SOURCES.md")
	require.NoError(t, err)
	notes := map[string]string{}
	for line := range strings.Lines(string(data)) {
		cells := strings.Split(line, "|")
		if len(cells) == 7 && strings.Contains(cells[1], ".json") {
			notes[strings.TrimSpace(cells[1])] = strings.TrimSpace(cells[5])
		}
	}
	return notes
}

// expected returns the fields that a file's notes tell of, as regular expressions.
func expected(note string, document any) []string {
	var fields []string
	containers, _ := document.(map[string]any)["containerDefinitions"].([]any)
	of := func(name string) string {
		for i, c := range containers {
			if n, _ := c.(map[string]any)["name"].(string); n == name {
				return `^containerDefinitions\[` + string(rune('0'+i)) + `\]`
			}
		}
		return "^never$"
	}
	for part := range strings.SplitSeq(note, ";") {
		part = strings.TrimSpace(part)
		quoted := regexp.MustCompile(`'([^']*)'`).FindStringSubmatch(part)
		switch {
		case part == "INVALID: no family", strings.HasPrefix(part, "INVALID: family holds"):
			fields = append(fields, "^family$")
		case strings.Contains(part, "has no memory/memoryReservation"):
			fields = append(fields, of(quoted[1])+`\.memory$`)
		case part == "INVALID: container without name":
			fields = append(fields, `\.name$`)
		case strings.HasSuffix(part, "without image"):
			fields = append(fields, of(quoted[1])+`\.image$`)
		case strings.HasSuffix(part, "has no volume"):
			fields = append(fields, `\.mountPoints\[\d\]\.sourceVolume$`)
		case strings.HasPrefix(part, "INVALID: hostPort != containerPort"):
			fields = append(fields, `\.hostPort$`)
		case part == "INVALID: duplicate container names":
			fields = append(fields, `^containerDefinitions\[1\]\.name$`)
		case strings.HasPrefix(part, "INVALID: networkMode and requiresCompatibilities"):
			fields = append(fields, "^networkMode$", `^requiresCompatibilities\[0\]$`)
		case strings.HasPrefix(part, "INVALID"):
			panic("a note that the test does not know: " + part)
		case strings.HasPrefix(part, "unknown container key"):
			fields = append(fields, `\.`+strings.TrimPrefix(part, "unknown container key ")+"$")
		case strings.HasPrefix(part, "container cpu given as"), strings.HasPrefix(part, "container memory given as"):
			fields = append(fields, `\.(cpu|memory|hostPort|containerPort)$`)
		case strings.HasPrefix(part, "describe-only keys"), strings.HasPrefix(part, "unknown top-level keys"):
			for _, key := range regexp.MustCompile(`\((.*)\)`).FindStringSubmatch(part)[1:] {
				for key := range strings.SplitSeq(key, ", ") {
					fields = append(fields, "^"+key+"$")
				}
			}
		}
	}
	return fields
}

func has(found []*ecs.Error, patterns ...string) bool {
	for _, e := range found {
		for _, p := range patterns {
			if regexp.MustCompile(p).MatchString(e.Field) {
				return true
			}
		}
	}
	return false
}

// marker reports whether the value at a path has a template's placeholder in it.
func marker(document any, path string) bool {
	v := document
	for _, step := range regexp.MustCompile(`[^.\[\]]+`).FindAllString(path, -1) {
		switch at := v.(type) {
		case map[string]any:
			v = at[step]
		case []any:
			v = at[int(step[0]-'0')]
		}
	}
	text, ok := v.(string)
	return ok && regexp.MustCompile(`\{\{.*\}\}|\$\$|\$\{|<.*>|\{[A-Z].*\}`).MatchString(text)
}

// lossless checks that nothing of a document is lost: what it says comes back, but for null
// and zero values, and for numbers and texts that stood for one another.
func lossless(t *testing.T, name string, data []byte, d ecs.TaskDefinition) {
	var tolerant ecs.TaskDefinition
	if err := json.Unmarshal(data, &tolerant); err == nil {
		require.Equal(t, d, tolerant, name)
	}
	require.Equal(t, significant(tree(data)), significant(treeOf(d)), name)
}

func significant(v any) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for key, child := range v { //order:any a map is made
			if s := significant(child); s != nil {
				m[key] = s
			}
		}
		return m
	case []any:
		list := []any{}
		for _, item := range v {
			list = append(list, significant(item))
		}
		return list
	case json.Number:
		if f, err := v.Float64(); err == nil && f == 0 {
			return nil
		}
		return v.String()
	case bool:
		if !v {
			return nil
		}
		return "true"
	case string:
		if v == "" {
			return nil
		}
		return v
	}
	return v
}
