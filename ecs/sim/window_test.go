package sim

import (
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/message"
)

// A world keeps the newest changes, however many there were and however many came at a time, and who reads them
// while more come reads what there was.
//
// Seen to fail: show that only appends, and one that drops the older half at once.
func TestTimelineIsAWindow(t *testing.T) {
	w := New(Config{Seed: 1, Timeline: 100})
	var all []string
	texts := func(list []message.Change) (texts []string) {
		for _, c := range list {
			texts = append(texts, c.Text)
		}
		return texts
	}
	before, wanted := w.Changes(), []string(nil)
	for i := range 1000 {
		var list []message.Change
		for k := range i % 7 * (i % 41) {
			list = append(list, message.Change{Text: fmt.Sprint(i, ".", k)})
		}
		w.show(list)
		require.Equal(t, wanted, texts(slices.Collect(before)), i)
		all = append(all, texts(list)...)
		wanted, before = all[max(0, len(all)-100):], w.Changes()
		if len(all) == 0 {
			wanted = nil
		}
		require.Equal(t, wanted, texts(slices.Collect(before)), i)
		require.LessOrEqual(t, cap(w.older)+cap(w.changes), 256)
	}
	for range w.Changes() { // it can be left
		break
	}
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
