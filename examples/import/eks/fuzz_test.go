package eks_test

import (
	"testing"

	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/document/documenttest"
	"github.com/bayplan/bayplan/examples/import/eks"
	"github.com/bayplan/bayplan/examples/import/source"
)

func FuzzRead(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := source.Parse("e.yml", data)
		if err != nil || len(list) == 0 || !list[0].Is(source.Map) {
			return
		}
		r, err := eks.Read(list[0], document.Given{})
		documenttest.Holds(t, "e.yml", r, err)
	})
}

var seeds = []string{`{"nodegroup": {"nodegroupName": "a", "scalingConfig": {"minSize": 1}}}`,
	"apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig\nnodeGroups: [{name: a, spot: true}]\nfargateProfiles: " +
		"[{name: b}]"}
