package sim

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/message"
)

// A world keeps the newest changes, however many there were.
//
// Seen to fail: show that only appends.
func TestTimelineIsAWindow(t *testing.T) {
	w := New(Config{Seed: 1, Timeline: 100})
	for i := range 10_000 {
		w.show([]message.Change{{Text: fmt.Sprint(i)}})
	}
	kept := slices.Collect(w.Changes())
	require.Len(t, kept, 100)
	require.Equal(t, "9900", kept[0].Text)
	require.Equal(t, "9999", kept[99].Text)
	require.LessOrEqual(t, cap(w.changes), 150)
}

// Answers to commands that are over are forgotten.
//
// Seen to fail: done without forgetAnswers.
func TestAnswersAreForgotten(t *testing.T) {
	w := New(Config{Seed: 1})
	for i := range 20_000 {
		w.now = w.now.Add(w.config.Times.Message * 100)
		w.done(message.CommandDone{Key: message.Key{Op: "StopTask", Target: fmt.Sprint(i)}}, 0)
	}
	require.Less(t, len(w.seen), 4000)
}
