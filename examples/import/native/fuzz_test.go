package native_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/native"
	"github.com/bayplan/bayplan/examples/import/source"
)

func FuzzRead(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := source.Parse("d.json", data)
		if err != nil || len(list) == 0 || !list[0].Is(source.Map) {
			return
		}
		r, err := native.Read(list[0], document.Given{Name: "a"})
		if err != nil {
			require.Contains(t, err.Error(), "d.json:")
		}
		for _, x := range r.Fields() {
			require.NotEqual(t, source.Unread, x.Fate)
		}
		_, err = r.JSON()
		require.NoError(t, err)
		if err := r.Check(); err != nil {
			require.NotEmpty(t, err.Error())
		}
	})
}

var seeds = []string{definition, `{"taskDefinition": ` + definition + `}`,
	`{"services": [{"serviceName": "a", "deployments": [{}]}]}`, `{"launchType": "EC2"}`}
