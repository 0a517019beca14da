package eks_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/eks"
	"github.com/bayplan/bayplan/examples/import/source"
)

func read(t testing.TB, text string) (document.Result, error) {
	list, err := source.Parse("e.yml", []byte(text))
	require.NoError(t, err)
	r, err := eks.Read(list[0], document.Given{})
	require.NoError(t, r.Check())
	return r, err
}

func TestNodegroups(t *testing.T) {
	r, err := read(t, `{"nodegroup": {"nodegroupName": "ecs-like", "scalingConfig": {"minSize": 1, "maxSize": 5, "desiredSize": 2}, "instanceTypes": ["m5.large"],
		"capacityType": "SPOT", "labels": {"tier": "web"}, "taints": [{"key": "a", "effect": "NO_SCHEDULE"}], "status": "ACTIVE", "other": 1}}`)
	require.NoError(t, err)
	require.Equal(t, []document.Group{{Name: "group-ecs-like", MinSize: 1, MaxSize: 5, Desired: 2,
		InstanceTypes: []string{"m5.large"}, Spot: true, Attributes: []string{"tier=web"}}}, r.Groups)
	require.Equal(t, "group-ecs-like", r.CapacityProviders[0].Name)
	fates := map[string]source.Fate{}
	for _, f := range r.Fields() {
		fates[f.Path] = f.Fate
	}
	require.Equal(t, source.Lost, fates["nodegroup.taints[0].key"])
	require.Equal(t, source.Lost, fates["nodegroup.other"])

	r, err = read(t, `
apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: {name: prod, region: eu-west-1}
managedNodeGroups: [{name: a, instanceType: m5.large, desiredCapacity: 3, volumeSize: 80}]
nodeGroups: [{name: b, minSize: 1, maxSize: 4, desiredCapacity: 1, instancesDistribution: {instanceTypes: [c5.large, c5.xlarge]}}]
fargateProfiles: [{name: f, selectors: [{namespace: default}]}]
`)
	require.NoError(t, err)
	require.Len(t, r.CapacityProviders, 2)
	require.Equal(t, []string{"c5.large", "c5.xlarge"}, r.Groups[1].InstanceTypes)

	_, err = read(t, "nodegroup:\n  nodegroupName: x\n  scalingConfig: {minSize: 5, maxSize: 1}\n")
	require.EqualError(t, err, "e.yml:1: nodegroup: the group has from 5 to 1 instances, and 1 are desired")
}

func ExampleRead() {
	list, err := source.Parse("nodes.json",
		[]byte(`{"nodegroup": {"nodegroupName": "web", "scalingConfig": {"minSize": 1, "maxSize": 5, "desiredSize": 2}}}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := eks.Read(list[0], document.Given{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(r.CapacityProviders[0].Name, r.Groups[0].MinSize, r.Groups[0].MaxSize)
	// Output: web 1 5
}
