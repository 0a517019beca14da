package agentconfig_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/agentconfig"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func keys(role string, expires time.Time) agentconfig.Credentials {
	return agentconfig.Credentials{RoleArn: role, AccessKeyID: "ASIA", SecretAccessKey: "secret",
		Token: "token", Expiration: expires}
}

// Facts 7.2 and 7.3, a row each.
func TestCredentialsAnswers(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	table := agentconfig.NewCredentialsTable(agentconfig.CredentialsConfig{Cluster: "prod",
		ContainerInstanceArn: "instance"})
	require.NoError(t, table.Issue("task-1", agentconfig.RoleTypeTaskApplication, "role", "id-1"))
	require.NoError(t, table.Issue("task-1", agentconfig.RoleTypeTaskExecution, "execution", "id-2"))
	require.ErrorIs(t, table.Issue("task-2", agentconfig.RoleTypeTaskApplication, "role", "id-1"),
		ecs.ConflictException)
	require.ErrorIs(t, table.Issue("task-1", agentconfig.RoleTypeTaskApplication, "role", "id-3"),
		ecs.ConflictException)

	get := func(url string) (int, agentconfig.AuditRecord, error) {
		_, status, record, err := table.Get(now, agentconfig.CredentialsRequest{URL: url, SourceAddress: "172.17.0.3",
			UserAgent: "aws-cli/2"})
		return status, record, err
	}
	status, _, err := get("/v2/credentials/")
	require.Equal(t, 400, status)
	require.EqualError(t, err, "NoIdInRequest: id: CredentialsV2Request: No Credential ID in the request")
	status, _, err = get("/v2/credentials/id-1")
	require.Equal(t, 503, status)
	require.ErrorIs(t, err, agentconfig.CredentialsUninitialized)
	status, record, err := get("/v2/credentials/other")
	require.Equal(t, 400, status)
	require.ErrorIs(t, err, agentconfig.InvalidIdInRequest)
	require.Equal(t,
		`2026-03-01T12:00:00Z 400 172.17.0.3 "/v2/credentials" "aws-cli/2" - GetCredentialsInvalidRoleType 2 prod instance`, record.String())

	require.ErrorIs(t, table.Deliver("id-1", keys("execution", now)), ecs.InvalidParameterException)
	require.NoError(t, table.Deliver("id-1", keys("role", now.Add(6*time.Hour))))
	require.ErrorIs(t, table.Deliver("id-1", keys("role", now.Add(6*time.Hour))), ecs.InvalidParameterException,
		"expiry moves forward")
	require.NoError(t, table.Deliver("id-1", keys("role", now.Add(12*time.Hour))))
	require.NoError(t, table.Deliver("id-2", keys("execution", now)))
	for _, url := range []string{"/v2/credentials/id-1", "/v1/credentials?id=id-1"} {
		status, record, err = get(url)
		require.NoError(t, err)
		require.Equal(t, 200, status)
		require.Equal(t, "GetCredentials", record.EventType)
		require.Equal(t, "task-1", record.TaskArn)
	}
	_, record, _ = get("/v2/credentials/id-2")
	require.Equal(t, "GetCredentialsExecutionRole", record.EventType)

	table.Stop("task-1")
	status, _, _ = get("/v2/credentials/id-1")
	require.Equal(t, 400, status)
	status, _, _ = get("/v2/credentials/id-2")
	require.Equal(t, 200, status, "the execution role's go with the clean-up")
	table.Cleanup("task-1")
	status, _, _ = get("/v2/credentials/id-2")
	require.Equal(t, 400, status)
}

// A task's container gets its own task's role and no other; nothing leads to an execution
// role; two tasks of one definition have different IDs; every Get leaves one record, which
// never holds the ID.
//
// Seen to fail: RelativeURI falling back to the execution role; the strict table not asking
// for the caller.
func TestCredentialsPolicy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		strict := rapid.Bool().Draw(t, "strict")
		table := agentconfig.NewCredentialsTable(agentconfig.CredentialsConfig{Strict: strict})
		roles, ids, stopped := map[string]string{}, map[string]string{}, map[string]bool{}
		now, next := time.Unix(1e9, 0), 0
		for range rapid.IntRange(1, 30).Draw(t, "steps") {
			task := rapid.SampledFrom([]string{"task-a", "task-b", "task-c"}).Draw(t, "task")
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0:
				role := rapid.SampledFrom([]string{"role-1", "role-2"}).Draw(t, "role")
				next++
				if table.Issue(task, agentconfig.RoleTypeTaskApplication, role, fmt.Sprint("secret-", next)) == nil {
					roles[task], ids[task], stopped[task] = role, fmt.Sprint("secret-", next), false
					require.NoError(t, table.Deliver(ids[task], keys(role, now)))
				}
			case 1:
				next++
				_ = table.Issue(task, agentconfig.RoleTypeTaskExecution, "execution", fmt.Sprint("secret-", next))
				_ = table.Deliver(fmt.Sprint("secret-", next), keys("execution", now))
			case 2:
				table.Stop(task)
				stopped[task] = true
			case 3:
				other := rapid.SampledFrom([]string{"task-a", "task-b", "task-c"}).Draw(t, "caller")
				uri, ok := table.RelativeURI(task)
				require.Equal(t, roles[task] != "" && !stopped[task], ok)
				if !ok {
					uri = "/v2/credentials/" + ids[task]
				}
				got, status, record, err := table.Get(now, agentconfig.CredentialsRequest{URL: uri, Caller: other})
				require.NotContains(t, record.String(), "secret-")
				require.Equal(t, status, record.ResponseCode)
				if ok && (!strict || other == task) {
					require.NoError(t, err)
					require.Equal(t, roles[task], got.RoleArn)
					require.Equal(t, task, record.TaskArn)
				} else {
					require.Error(t, err)
					require.Empty(t, got)
					require.Empty(t, record.TaskArn)
				}
			}
		}
		uris := map[string]bool{}
		for _, task := range []string{"task-a", "task-b", "task-c"} {
			if uri, ok := table.RelativeURI(task); ok {
				require.False(t, uris[uri])
				require.True(t, strings.HasSuffix(uri, ids[task]))
				uris[uri] = true
			}
		}
	})
}
