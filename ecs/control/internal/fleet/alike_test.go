package fleet

import (
	"slices"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

// Instances that are alike share what they registered, as they come, as they register again, and as they are
// restored; attributes that are put on one of them are its own, and not the others'.
//
// Seen to fail: share without resources; PutAttributes that appends to the list that is shared; Restore without share.
func TestInstancesShare(t *testing.T) {
	w := newWorld()
	in := func(zone string) api.RegisterContainerInstanceInput {
		in := machine("c", "", zone)
		in.VersionInfo = &ecs.VersionInfo{AgentVersion: "1.99.0"}
		in.Attributes = slices.Clone(in.Attributes)
		return in
	}
	c := w.cluster("c")
	first, second, other := w.register(t, in("z")), w.register(t, in("z")), w.register(t, in("y"))
	alike := func(a, b *Instance) {
		t.Helper()
		require.Same(t, unsafe.SliceData(a.Record.Attributes), unsafe.SliceData(b.Record.Attributes))
		require.Same(t, unsafe.SliceData(a.Record.RegisteredResources), unsafe.SliceData(b.Record.RegisteredResources))
		require.Same(t, a.Record.VersionInfo, b.Record.VersionInfo)
	}
	alike(first, second)
	require.NotEqual(t, first.Record.Attributes, other.Record.Attributes)
	require.Same(t, first.Record.VersionInfo, other.Record.VersionInfo)

	before := slices.Clone(first.Record.Attributes)
	_, err := w.room.PutAttributes(api.PutAttributesInput{Cluster: "c", Attributes: []ecs.Attribute{
		{Name: "stack", Value: "production", TargetID: string(second.ID())}}})
	require.NoError(t, err)
	require.Equal(t, before, first.Record.Attributes)
	require.Len(t, second.Record.Attributes, len(before)+1)
	again := in("z")
	again.ContainerInstanceArn = second.Record.ContainerInstanceArn
	w.register(t, again)
	alike(first, second)

	v := newWorld()
	restored, err := v.room.Restore(c.Record, c.Document())
	require.NoError(t, err)
	require.Equal(t, before, restored.Instances[0].Record.Attributes)
	alike(restored.Instances[0], restored.Instances[1])
	require.Empty(t, w.room.Check())
}
