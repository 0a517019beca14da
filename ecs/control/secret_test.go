package control_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/control"
)

// A journal can be read without the keys of the tasks' roles that come later: neither a state nor a
// record has the secret.
//
// Seen to fail: CredentialsSecret with a key in JSON.
func TestSecretIsNotKept(t *testing.T) {
	const secret = "draw it at random"
	p := control.New(control.Config{Seed: 1, CredentialsSecret: secret})
	p.Tick(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	state, err := json.Marshal(p.State())
	require.NoError(t, err)
	require.Contains(t, string(state), `"seed":1`)
	require.NotContains(t, string(state), secret)
	records, err := json.Marshal(p.Ready().Records)
	require.NoError(t, err)
	require.NotContains(t, string(records), secret)
}
