package services

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/scaling"
	"github.com/bayplan/bayplan/ecs/scheduler"
)

// TestWas changes a service in each way that the room has, while a snapshot wants it as it was.
//
// Seen to fail: each of these ways, where Hold does nothing.
func TestWas(t *testing.T) {
	w := newShelf(t)
	s := w.create(t, "s")
	text := func(s *Service) []byte {
		data, err := json.Marshal(s)
		require.NoError(t, err)
		return data
	}
	first := s.State.Rollouts[0].ID
	w.room.Unplaced(s, scheduler.Start{Deployment: first}, 1, "no room")
	w.room.Next()
	for _, change := range []struct {
		name string
		make func()
	}{
		{"an image has a digest", func() { s.Resolved(first, "c", "sha256:1") }},
		{"it says something", func() { w.room.Say(s, "it is what it is") }},
		{"room came", func() { w.room.Grew(w.cluster) }},
		{"its scheduler has looked at it", func() {
			s.Touch()
			next, _ := w.room.Next()
			next.State.Rollouts = nil
		}},
		{"it is updated", func() {
			require.NoError(t, w.update("s", api.UpdateServiceInput{DesiredCount: ecs.Some(3)}))
		}},
		{"it becomes a scalable target", func() { scaled{w.room, s}.SetTarget(&scaling.Target{}) }},
		{"its target changes", func() { scaled{w.room, s}.Own().Wake = 7 }},
		{"it is scaled", func() { scaled{w.room, s}.SetDesired(5) }},
		{"it is deleted", func() {
			_, err := w.room.DeleteService(api.DeleteServiceInput{Cluster: "c", Service: "s", Force: true})
			require.NoError(t, err)
		}},
	} {
		t.Run(change.name, func(t *testing.T) {
			before := text(s)
			w.room.Keep(text)
			defer w.room.Let()
			change.make()
			require.NotEqual(t, string(before), string(text(s)), "nothing changes")
			was, held := w.room.Was(s)
			require.True(t, held)
			require.Equal(t, string(before), string(was))
		})
	}
}
