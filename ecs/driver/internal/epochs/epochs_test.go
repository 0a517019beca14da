package epochs

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/message"
)

// A memory of many commands stays small, and no command that was carried out is ever carried out again.
//
// Seen to fail: a Floor that stays 0 where epochs are dropped; a Note that forgets what is in use; an epoch that goes
// down.
func TestMemory(t *testing.T) {
	m := New()
	inUse := func(target string) bool { return target == "kept" }
	at := func(target string, epoch uint64) message.Key { return message.Key{Target: target, Epoch: epoch} }
	m.Note(at("kept", 1), inUse)
	for n := range uint64(3 * Memorable) {
		k := at(fmt.Sprint(n), n+2)
		require.False(t, m.Late(k))
		m.Note(k, inUse)
		m.Note(at(k.Target, 1), inUse)
		require.True(t, m.Late(k))
	}
	require.LessOrEqual(t, len(m.Epochs), Memorable)
	for n := range uint64(3 * Memorable) {
		require.True(t, m.Late(at(fmt.Sprint(n), n+2)), n)
	}
	require.True(t, m.Late(at("kept", 1)))
	require.False(t, m.Late(at("kept", 2)), "it is known by name, whatever was forgotten")
	require.False(t, m.Late(at("new", 3*Memorable+2)))
}
