package ecs_test

import (
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/stretchr/testify/require"
)

const instanceID = "0123456789abcdef0123456789abcdef"

// Facts 5.1.
func TestARN(t *testing.T) {
	base := ecs.ARN{Partition: "aws", Region: "us-east-1", Account: "123456789012"}
	const id = "0123456789abcdef0123456789abcdef"
	for _, row := range []struct {
		text     string
		made     ecs.ARN
		cluster  string
		id       string
		revision int
	}{
		{"arn:aws:ecs:us-east-1:123456789012:cluster/prod", base.ForCluster("prod"), "prod", "prod", 0},
		{"arn:aws:ecs:us-east-1:123456789012:task/prod/" + id, base.ForTask("prod", id), "prod", id, 0},
		{"arn:aws:ecs:us-east-1:123456789012:service/prod/web", base.ForService("prod", "web"), "prod", "web", 0},
		{"arn:aws:ecs:us-east-1:123456789012:container-instance/prod/" + id, base.ForContainerInstance("prod", id), "prod", id, 0},
		{"arn:aws:ecs:us-east-1:123456789012:container/prod/" + id + "/uuid-1", base.ForContainer("prod", id, "uuid-1"), "prod", "uuid-1", 0},
		{"arn:aws:ecs:us-east-1:123456789012:task-definition/web:7", base.ForTaskDefinition("web", 7), "", "web", 7},
		{"arn:aws:ecs:us-east-1:123456789012:task-set/prod/web/ecs-svc/12", base.ForTaskSet("prod", "web", "ecs-svc/12"), "prod", "ecs-svc/12", 0},
		{"arn:aws:ecs:us-east-1:123456789012:capacity-provider/spot", base.ForCapacityProvider("spot"), "", "spot", 0},
		{"arn:aws:ecs:us-east-1:123456789012:service-deployment/prod/web/d1", base.ForServiceDeployment("prod", "web", "d1"), "prod", "d1", 0},
	} {
		a, err := ecs.ParseARN(row.text)
		require.NoError(t, err)
		require.Equal(t, row.made, a)
		require.Equal(t, row.text, a.String())
		require.Equal(t, []any{row.cluster, row.id, row.revision}, []any{a.Cluster(), a.ID(), a.Revision()}, row.text)
	}
	for text, cluster := range map[string]string{ //order:any each alone
		"arn:aws-cn:ecs:cn-north-1:123456789012:task/f12f5c32-7d6c-4c3a-bf3d-2f4b5bbf1a5b": "",
		"arn:aws-us-gov:ecs:us-gov-west-1:1:service/web":                                   "",
	} {
		a, err := ecs.ParseARN(text)
		require.NoError(t, err, "the short form")
		require.Equal(t, text, a.String())
		require.Equal(t, cluster, a.Cluster())
	}
	for _, text := range []string{
		"", "arn", "web", "arn:aws:iam::1:role/x", "arn:aws:ecs:r:1:cluster", "arn:aws:ecs:r:1:cluster/", "arn:aws:ecs:r:1:cluster/a/b",
		"arn:aws:ecs:r:1:task/a/b/c", "arn:aws:ecs:r:1:task-definition/web", "arn:aws:ecs:r:1:task-definition/web:0", "arn:aws:ecs:r:1:task-definition/web:+1",
		"arn:aws:ecs:r:1:task-definition/web:01", "arn:aws:ecs:r:1:lambda/x", "arn::ecs:r:1:cluster/x", "arn:aws:ecs:r:1:task//x",
	} {
		_, err := ecs.ParseARN(text)
		require.ErrorIs(t, err, ecs.InvalidParameterException, text)
	}
}

func TestIDs(t *testing.T) {
	for id, valid := range map[string]bool{ //order:any each alone
		instanceID: true, "f12f5c32-7d6c-4c3a-bf3d-2f4b5bbf1a5b": true, "": false, "i-0123456789abcdef0": false,
		"0123456789ABCDEF0123456789ABCDEF": false, "f12f5c3217d6c-4c3a-bf3d-2f4b5bbf1a5b": false, instanceID + "0": false,
	} {
		require.Equal(t, valid, ecs.TaskID(id).Valid(), id)
		require.Equal(t, valid, ecs.InstanceID(id).Valid(), id)
	}
}
