package control_test

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
)

// Advance is total: called twice, with a Ready that a later one has overtaken, with another
// plane's or with none, it ignores what is gone and loses nothing that is new.
//
// Seen to fail: Advance that cuts as much as r holds.
func TestAdvanceIsTotal(t *testing.T) {
	s := newSmall(t)
	p := s.plane
	s.define("")
	s.join("")
	s.serve(1)
	require.Equal(t, control.Ready{WakeAt: p.Ready().WakeAt}, plain(p.Ready()), "what is nil when there is nothing")

	say := func(sequence uint64, status ecs.TaskStatus) { p.Observe(s.now, says(s.started(), sequence, status)) }
	say(1, ecs.TaskStatusPending)
	first := p.Ready()
	require.Len(t, first.Records, 1)
	require.Equal(t, first, p.Ready(), "Ready changes nothing")
	say(2, ecs.TaskStatusRunning)
	second := p.Ready()
	require.Len(t, second.Records, 2)
	kept := slices.Clone(second.Records)

	p.Advance(first)
	p.Advance(first)
	require.Equal(t, second.Records[1:], p.Ready().Records)
	p.Advance(second)
	p.Advance(first)
	require.Empty(t, p.Ready().Records)
	say(3, ecs.TaskStatusStopped) // replaced
	third := p.Ready()
	p.Advance(second)
	p.Advance(control.Ready{})
	p.Advance(must(control.Restore(p.State(), control.Config{})).Ready())
	require.Equal(t, third, p.Ready(), "an old one, none, and another plane's")
	require.NotEmpty(t, third.Commands)
	require.NotEmpty(t, third.Changes)
	require.Equal(t, kept, second.Records, "a Ready may be kept")
	p.Advance(third)
	require.Equal(t, control.Ready{WakeAt: p.Ready().WakeAt}, plain(p.Ready()))
}

// plain is what of a Ready can be seen.
func plain(r control.Ready) control.Ready {
	return control.Ready{Records: r.Records, Commands: r.Commands, Changes: r.Changes, WakeAt: r.WakeAt}
}
