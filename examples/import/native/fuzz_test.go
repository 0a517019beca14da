package native_test

import (
	"testing"

	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/document/documenttest"
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
		documenttest.Holds(t, "d.json", r, err)
	})
}

var seeds = []string{definition, `{"taskDefinition": ` + definition + `}`,
	`{"services": [{"serviceName": "a", "deployments": [{}]}]}`, `{"launchType": "EC2"}`}
