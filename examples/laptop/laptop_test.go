package main

import (
	"errors"
	"flag"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/crew"
)

var whole = flag.Bool("show", false, "play the short show, which takes half a minute")

// TestMain lets the test's own program play the roles.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && roles()[os.Args[1]] != nil {
		main()
		return
	}
	if len(os.Args) > 1 && acted(os.Args[1:]) {
		return
	}
	os.Exit(m.Run())
}

// TestShow plays the short show with this program.
//
//	go test ./examples/laptop -run TestShow -show -v
func TestShow(t *testing.T) {
	if !*whole {
		t.Skip("-show plays it")
	}
	var out strings.Builder
	require.NoError(t, run(t.Context(), []string{"-short"}, io.MultiWriter(&out, os.Stdout)))
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	assert.True(t, strings.HasPrefix(lines[len(lines)-1], "PASS: "), out.String())
}

// Seen to fail: a failure of an act was allowed in each; the number of requests was not looked at.
func TestVerdict(t *testing.T) {
	quiet, kills := act{name: "canary"}, act{name: "kill", unsafe: true}
	for _, c := range []struct {
		name  string
		given func(*verdict)
		want  string
	}{
		{"good", func(v *verdict) { v.add(quiet, crew.Counts{}, crew.Counts{Requests: 20000}, nil) },
			"PASS: 20000 requests in 60 s, 0 failed; of 0 more, HTTP did not allow"},
		{"killed", func(v *verdict) {
			v.add(kills, crew.Counts{}, crew.Counts{Unsafe: 2}, nil)
			v.all.Unsafe = 2
		}, "PASS: 20000 requests in 60 s, 0 failed; of 2 more"},
		{"killed, and may be sent again", func(v *verdict) {
			v.add(kills, crew.Counts{}, crew.Counts{Failed: 1}, nil)
			v.all.Failed = 1
		}, "FAIL: 20000 requests in 60 s, 1 failed"},
		{"not killed", func(v *verdict) { v.add(quiet, crew.Counts{}, crew.Counts{Unsafe: 1}, nil); v.all.Unsafe = 1 },
			"canary: 1 POST requests failed"},
		{"error", func(v *verdict) { v.add(quiet, crew.Counts{}, crew.Counts{}, errors.New("no")) }, "canary: no"},
		{"few", func(v *verdict) { v.all.Requests = 19999 }, "19999 requests are less than 20000"},
		{"between", func(v *verdict) { v.all.Failed = 1 }, "1 requests failed between the acts"},
		{"at the end", func(v *verdict) { v.errors = append(v.errors, errors.New("tasks are left")) },
			"tasks are left"},
	} {
		v := verdict{all: crew.Counts{Requests: 20000}, took: time.Minute}
		c.given(&v)
		assert.Contains(t, v.String(), c.want, c.name)
		assert.Equal(t, v.good(), strings.HasPrefix(v.String(), "PASS"), c.name)
	}
}

func TestPicture(t *testing.T) {
	d := &display{Screen: crew.NewScreen(io.Discard), service: ecs.Service{Deployments: []ecs.Deployment{
		{TaskDefinition: "arn:aws:ecs:us-east-1:123456789012:task-definition/web:2", RunningCount: 1, DesiredCount: 3},
		{TaskDefinition: "arn:aws:ecs:us-east-1:123456789012:task-definition/web:1", RunningCount: 3,
			DesiredCount: 3}}}}
	d.Begin("canary")
	got := d.picture(crew.Sample{Counts: crew.Counts{Requests: 1234, Failed: 1}, Rate: 100,
		Middle: 4 * time.Millisecond, P99: 12 * time.Millisecond, ByRevision: map[string]int{"1": 80, "2": 20}})
	assert.Equal(t, []string{"", "  canary, 0 s", "  tasks of web:2        █░░ 1 of 3",
		"  tasks of web:1        ███ 3 of 3",
		"  traffic " + strings.Repeat("█", 32) + " revision 1 " + strings.Repeat("▒", 8) + " revision 2 ",
		"  100 requests a second, half within 4.0 ms, 99% within 12.0 ms; 1234 so far, 1 failed"}, got)
}

func TestFlags(t *testing.T) {
	for args, want := range map[string]string{"-rate 0": "-rate 0 is not from 1 to 5000", "x": `"x" is not a flag`,
		"-speed 301": "-speed 301", "-service a.json": "go together"} {
		err := run(t.Context(), strings.Fields(args), io.Discard)
		assert.ErrorContains(t, err, want, args)
	}
}
