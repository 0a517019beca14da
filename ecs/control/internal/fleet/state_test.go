package fleet

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement"
)

// TestRestore sees that a fleet that is restored has the same books: it gives the same rooms and ports to
// the same tasks, keeps the port that only a target holds, and forgets departed instances in time.
func TestRestore(t *testing.T) {
	w, i, first, second := occupied(t)
	held := second.Bindings.HostPorts()[0]
	w.behind(t, second)
	w.room.Uncount(second)
	w.room.Release(second)
	gone := w.register(t, machine("c", "", "a"))
	w.room.lose(gone, "gone", ecs.TaskStopCodeTerminationNotice)

	document, err := json.Marshal(i.Cluster.Document())
	require.NoError(t, err)
	var read []InstanceDocument
	require.NoError(t, json.Unmarshal(document, &read))
	v := newWorld()
	v.position = w.position
	c, err := v.room.Restore(i.Cluster.Record, read)
	require.NoError(t, err)
	again := &guest{id: first.id, group: first.group, definition: first.definition, Seat: first.Seat}
	again.On, again.Shape = nil, placement.Shape{}
	c.Settle(again)
	stopped := &guest{id: second.id, group: second.group, definition: second.definition, Seat: second.Seat}
	c.Settle(stopped)
	require.NoError(t, c.Reindex(
		func(yield func(placement.Running) bool) { yield(again.running()) },
		func(id ecs.TaskID) bool { return id == first.id }))
	require.Empty(t, v.room.Check())
	require.Empty(t, v.timers.Check())
	require.Equal(t, i.Cluster.Open, c.Open)
	require.Equal(t, i.Remaining(), c.Instances[0].Remaining())
	require.Contains(t, c.Index.PortsInUse(i.ID()), held)
	if data, err := json.Marshal(c.Document()); true {
		require.NoError(t, err)
		require.JSONEq(t, string(document), string(data))
	}
	w.position.IDs, v.position.IDs = 100, 100
	next, same := w.newGuest("g", 0), v.newGuest("g", 0)
	require.True(t, w.place(t, i.Cluster, next))
	require.True(t, v.place(t, c, same))
	require.Equal(t, next.Bindings, same.Bindings)
	v.room.Uncount(again)
	v.room.Release(again)
	require.Empty(t, v.room.Check())
	v.wait(departedShown)
	require.Len(t, c.Instances, 1)
}

// TestRestoreRefuses sees that books of ports that cannot be are named by their instance.
func TestRestoreRefuses(t *testing.T) {
	_, i, _, _ := occupied(t)
	document := i.Cluster.Document()
	document[0].Ports.Held = append(document[0].Ports.Held, document[0].Ports.Held[0])
	_, err := newWorld().room.Restore(i.Cluster.Record, document)
	require.ErrorContains(t, err, string(i.ID()))
}
