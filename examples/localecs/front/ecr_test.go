package front_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/localecs/front"
)

// A task of an image that its repository lacks fails as it does in ECS; that of an image of another registry runs.
// What the registry has survives a restart.
//
// Seen to fail: a world that does not ask the registry; a restart that leaves the registry behind.
func TestImageThatIsMissing(t *testing.T) {
	config := front.Config{Seed: 1, Instances: 1, Manual: true, Journal: t.TempDir()}
	server, err := front.New(config)
	require.NoError(t, err)
	c := clientOf(t, server)
	const repository = "123456789012.dkr.ecr.us-east-1.amazonaws.com/web"
	_, out := c.raw("AmazonEC2ContainerRegistry_V20150921.CreateRepository", `{"repositoryName":"web"}`)
	require.Equal(t, repository, out["repository"].(m)["repositoryUri"])
	_, out = c.raw("AmazonEC2ContainerRegistry_V20150921.PutImage", `{"repositoryName":"web","imageTag":"1",`+
		`"imageManifestMediaType":"application/vnd.oci.image.manifest.v1+json","imageManifest":"{}"}`)
	require.Contains(t, out, "image")
	run := func(image string) m {
		c.call("RegisterTaskDefinition", m{"family": "f", "executionRoleArn": "arn:aws:iam::123456789012:role/r",
			"containerDefinitions": []m{{"name": "c", "image": image, "memory": 10}}})
		task := c.call("RunTask", m{"taskDefinition": "f"})["tasks"].([]any)[0].(m)["taskArn"]
		c.advance("1m")
		return c.call("DescribeTasks", m{"tasks": []any{task}})["tasks"].([]any)[0].(m)
	}
	for range 2 {
		require.Equal(t, "RUNNING", run(repository + ":1")["lastStatus"])
		require.Equal(t, "RUNNING", run("210987654321.dkr.ecr.us-east-1.amazonaws.com/web:2")["lastStatus"])
		require.Equal(t, "RUNNING", run("nginx")["lastStatus"])
		task := run(repository + ":2")
		require.Equal(t, "TaskFailedToStart", task["stopCode"])
		require.Equal(t, "CannotPullContainerError: Error response from daemon: manifest for "+repository+
			":2 not found: manifest unknown: Requested image not found", task["stoppedReason"])
		require.NoError(t, server.Close())
		server, err = front.New(config)
		require.NoError(t, err)
		c = clientOf(t, server)
	}
	require.NoError(t, server.Close())
}
