package document_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

func value(t *testing.T, text string) *source.Value {
	t.Helper()
	list, err := source.Parse("f.yml", []byte(text))
	require.NoError(t, err)
	return list[0]
}

// TestWords: seen to fail with a list that is split, and with a quote that is left open.
func TestWords(t *testing.T) {
	v := value(t, "{list: ['a b', c], text: \"a 'b c'\", open: \"a 'b\"}")
	require.Equal(t, []string{"a b", "c"}, document.Words(v.Get("list")))
	require.Equal(t, []string{"a", "b c"}, document.Words(v.Get("text")))
	require.Empty(t, document.Words(v.Get("absent")))
	document.Words(v.Get("open"))
	fates := map[string]source.Fate{}
	for _, f := range v.Fields() {
		fates[f.Path] = f.Fate
	}
	require.Equal(t, source.Translated, fates["text"])
	require.Error(t, v.Faults())
}

// TestCapabilities: seen to fail with a prefix that stays, and without the rule of Fargate.
func TestCapabilities(t *testing.T) {
	v := value(t, "{add: [cap_net_admin, SYS_PTRACE], drop: [all], none: []}")
	k, refused := document.Capabilities(v.Get("add"), v.Get("drop"), false)
	require.Equal(t, &ecs.KernelCapabilities{Add: []string{"NET_ADMIN", "SYS_PTRACE"}, Drop: []string{"ALL"}}, k)
	require.Empty(t, refused)
	k, refused = document.Capabilities(v.Get("add"), v.Get("none"), true)
	require.Equal(t, &ecs.KernelCapabilities{Add: []string{"SYS_PTRACE"}}, k)
	require.Len(t, refused, 1)
	require.Equal(t, "cap_net_admin", refused[0].String())
	k, _ = document.Capabilities(v.Get("none"), v.Get("absent"), true)
	require.Nil(t, k)
}
