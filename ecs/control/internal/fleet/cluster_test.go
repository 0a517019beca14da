package fleet

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

// TestCluster sees how clusters are found: by name or ARN, and only while they are ACTIVE.
func TestCluster(t *testing.T) {
	w := newWorld()
	c, made := w.room.MakeCluster(api.CreateClusterInput{ClusterName: "c", Tags: []ecs.Tag{{Key: "k", Value: "v"}}})
	require.True(t, made)
	again, made := w.room.MakeCluster(api.CreateClusterInput{ClusterName: "c"})
	require.False(t, made)
	require.Same(t, c, again)
	for _, ref := range []string{"c", c.Record.ClusterArn} {
		found, err := w.room.Cluster(ref)
		require.NoError(t, err)
		require.Same(t, c, found)
	}
	_, err := w.room.Cluster("d")
	require.ErrorIs(t, err, ecs.ClusterNotFoundException)
	_, err = w.room.ClusterOrDefault("d")
	require.ErrorIs(t, err, ecs.ClusterNotFoundException)

	c.Record.Status = ecs.ClusterStatusInactive
	_, err = w.room.Cluster("c")
	require.ErrorContains(t, err, "was inactive")
	fresh, made := w.room.MakeCluster(api.CreateClusterInput{ClusterName: "c"})
	require.True(t, made)
	require.NotSame(t, c, fresh)
	require.Equal(t, []string{"c gone"}, w.heard())
	require.Equal(t, []*Cluster{fresh}, w.room.Clusters)
}

// TestGoneCluster sees that what a cluster had is forgotten when its name is another's.
func TestGoneCluster(t *testing.T) {
	w, i, _, _ := occupied(t)
	w.room.lose(i, "gone", ecs.TaskStopCodeTerminationNotice)
	i.Cluster.Record.Status = ecs.ClusterStatusInactive
	w.cluster("c")
	require.Empty(t, w.room.byEC2)
	_, there := w.room.FindInstance("c", i.ID())
	require.False(t, there)
	w.wait(departedShown)
	require.Empty(t, w.room.Check())
}

// TestSettings sees that an update changes what it names, and nothing else.
func TestSettings(t *testing.T) {
	w := newWorld()
	c := w.cluster("c")
	_, err := w.room.UpdateCluster(api.UpdateClusterInput{Cluster: "c",
		ServiceConnectDefaults: &ecs.ServiceConnectDefaults{Namespace: "n"}})
	require.NoError(t, err)
	settings := []ecs.ClusterSetting{{Name: "containerInsights", Value: "enabled"}}
	_, err = w.room.UpdateClusterSettings(api.UpdateClusterSettingsInput{Cluster: "c", Settings: settings})
	require.NoError(t, err)
	require.Equal(t, "n", c.Record.ServiceConnectDefaults.Namespace)
	require.Equal(t, settings, c.Record.Settings)
	_, err = w.room.UpdateCluster(api.UpdateClusterInput{Cluster: "c",
		ServiceConnectDefaults: &ecs.ServiceConnectDefaults{}})
	require.NoError(t, err)
	require.Nil(t, c.Record.ServiceConnectDefaults)
	require.Equal(t, settings, c.Record.Settings)
	_, err = w.room.UpdateCluster(api.UpdateClusterInput{Cluster: "d"})
	require.ErrorIs(t, err, ecs.ClusterNotFoundException)
	_, err = w.room.UpdateClusterSettings(api.UpdateClusterSettingsInput{Cluster: "c",
		Settings: []ecs.ClusterSetting{{Name: "x", Value: "y"}}})
	require.Error(t, err)
}

// TestAttributes sees that a call sets, replaces and deletes by name, up to ten of the customer's own, and
// that a call which is refused changes none of its instances.
func TestAttributes(t *testing.T) {
	w, i, _, _ := occupied(t)
	put := func(list ...ecs.Attribute) error {
		_, err := w.room.PutAttributes(api.PutAttributesInput{Cluster: "c", Attributes: list})
		return err
	}
	at := func(name, value string) ecs.Attribute {
		return ecs.Attribute{Name: name, Value: value, TargetID: string(i.ID())}
	}
	require.NoError(t, put(at("colour", "red")))
	require.Equal(t, []string{"moved, zones false", "c grew"}, w.heard())
	require.NoError(t, put(at("colour", "blue")))
	value, _ := i.Record.Attribute("colour")
	require.Equal(t, "blue", value)
	version := i.Record.Version
	for n := range 9 {
		require.NoError(t, put(at(string(rune('a'+n)), "v")))
	}
	err := put(at("one", "more"))
	require.ErrorIs(t, err, ecs.AttributeLimitExceededException)
	require.ErrorContains(t, err, "11 custom attributes; the most is 10")
	unknown := ecs.Attribute{Name: "n", Value: "v", TargetID: "x"}
	require.ErrorIs(t, put(at("colour", "green"), unknown), ecs.TargetNotFoundException)
	value, _ = i.Record.Attribute("colour")
	require.Equal(t, "blue", value)
	require.Equal(t, version+9, i.Record.Version)
	_, err = w.room.DeleteAttributes(api.DeleteAttributesInput{Cluster: "c",
		Attributes: []ecs.Attribute{at("colour", "")}})
	require.NoError(t, err)
	_, there := i.Record.Attribute("colour")
	require.False(t, there)
	_, err = w.room.PutAttributes(api.PutAttributesInput{Cluster: "d", Attributes: []ecs.Attribute{at("a", "b")}})
	require.ErrorIs(t, err, ecs.ClusterNotFoundException)
}

// TestSubnetZones sees that subnets without a known zone count for nothing.
func TestSubnetZones(t *testing.T) {
	w := newWorld()
	of := func(subnets ...string) *ecs.NetworkConfiguration {
		return &ecs.NetworkConfiguration{AwsvpcConfiguration: &ecs.AwsvpcConfiguration{Subnets: subnets}}
	}
	require.Equal(t, []string{"b", "a"}, w.room.SubnetZones(of("subnet-b", "subnet-x", "subnet-a")))
	require.Nil(t, w.room.SubnetZones(of("subnet-x")))
	require.Nil(t, w.room.SubnetZones(nil))
	require.Nil(t, w.room.SubnetZones(&ecs.NetworkConfiguration{}))
}
