package front

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/iam"
)

// TestEveryActionHasItsRow: each operation that is served has a row in the table of what IAM checks it
// against, and is decided without a panic whatever it names.
//
// Seen to fail: an action without its row.
func TestEveryActionHasItsRow(t *testing.T) {
	rows := map[string]iam.Action{}
	for _, a := range iam.Actions() {
		rows[a.Name] = a
	}
	server, err := New(Config{Manual: true})
	require.NoError(t, err)
	world, err := server.region("")
	require.NoError(t, err)
	for service, actions := range server.operations { //order:any each alone
		for action, op := range actions { //order:any each alone
			if op.Input == nil {
				continue
			}
			require.Contains(t, named()[service], action, "the table of what calls name")
			if service == "ecs" {
				require.Contains(t, rows, action)
			}
			for _, names := range [][]Resource{nil, {{"service-deployment",
				"arn:aws:ecs:r:a:service-deployment/c/s/i"}}, {{"cluster", "/"}, {"task-set", ""}}} {
				q := question{Call: Call{Service: service, Action: action, Resources: names}, world: world,
					members: map[string]any{"tags": []any{map[string]any{"key": "a"}, 5}}}
				for _, r := range q.requests() {
					_, err := iam.Evaluate(nil, r)
					require.NoError(t, err, action)
				}
			}
		}
	}
	require.Error(t, Policies{}.Authorize(Call{}))
}
