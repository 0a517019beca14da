package front_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/localecs/front"
)

// TestPoliciesAdd reads policies of everybody and of one access key, and lists what is wrong with one.
//
// Seen to fail: the policy of a key given to everybody.
func TestPoliciesAdd(t *testing.T) {
	good, bad := filepath.Join(t.TempDir(), "good.json"), filepath.Join(t.TempDir(), "bad.json")
	require.NoError(t, os.WriteFile(good,
		[]byte(`{"Statement":{"Effect":"Allow","Action":"ecs:ListClusters","Resource":"*"}}`), 0o600))
	require.NoError(t, os.WriteFile(bad, []byte(`{"Statement":{"Effect":"allow","Action":"ecs","Resource":"*"}}`),
		0o600))
	policies := front.Policies{}
	_, err := policies.Add(good)
	require.NoError(t, err)
	_, err = policies.Add("AKID=" + good)
	require.NoError(t, err)
	require.Len(t, policies[""], 1)
	require.Len(t, policies["AKID"], 1)
	_, err = policies.Add(bad)
	require.ErrorContains(t, err, "Statement.Action: Actions/Conditions must be prefaced by a "+
		"vendor")
	_, err = policies.Add(bad)
	require.ErrorContains(t, err, "Statement.Effect: Effect is Allow or Deny")
	_, err = policies.Add(filepath.Join(t.TempDir(), "none"))
	require.Error(t, err)
	require.Len(t, policies, 2)
}
