package ecspresso_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/ecspresso"
	"github.com/bayplan/bayplan/examples/import/source"
)

func TestRender(t *testing.T) {
	t.Setenv("IMPORT_SECRET", "leaked")
	for text, want := range map[string]string{
		"{{ env `A` `d` }}{{ env `B` `d` }}{{ env `B` }}":   "1d",
		"{{ must_env `A` }}{{ must_env `C` }}":              "1needs-value-of-C",
		"{{ tfstate `aws_x.y['z'].arn` }}":                  "needs-value-of-tfstate-aws-x-y--z---arn",
		`{{ env "Q" "a\"b" | json_escape }}`:                `a\"b`,
		"{{ if eq (env `A`) `1` }}yes{{ else }}no{{ end }}": "yes",
		"{{ env `IMPORT_SECRET` `nothing` }}":               "nothing",
		"plain":                                             "plain",
	} {
		got, err := ecspresso.Render("t.json", []byte(text), map[string]string{"A": "1"})
		require.NoError(t, err, text)
		if want[:1] == "n" && len(want) > 20 {
			require.Contains(t, string(got), "needs-value-of-", text)
			continue
		}
		require.Equal(t, want, string(got), text)
	}
	for text, want := range map[string]string{
		"a\n{{ range 1000000000 }}x{{ end }}": "t.json:2: loops and templates within the " +
			"template are not rendered",
		"{{ define `x` }}{{ template `x` }}{{ end }}{{ template `x` }}": "t.json:1: a template within the template " +
			"is not rendered",
		"\n\n{{ env }}":  "t.json:3: executing",
		"{{ \bd. `a? }}": "t.json:1: ", // a name with a dot, found by fuzzing
		"{{ if }":        "t.json:1: ",
	} {
		_, err := ecspresso.Render("t.json", []byte(text), nil)
		require.ErrorContains(t, err, want, text)
	}
}

func TestRead(t *testing.T) {
	files := map[string]string{
		"deploy/task.json":    `{"family": "web", "containerDefinitions": [{"name": "c", "image": "web:{{ must_env "TAG" }}", "memory": 64}]}`,
		"deploy/service.json": `{"launchType": "EC2", "desiredCount": 2}`,
	}
	list, err := source.Parse("deploy/ecspresso.yml",
		[]byte("region: eu-west-1\ncluster: prod\nservice: web\ntask_definition: task.json\nservice_definition: "+
			"service.json\ntimeout: 10m\nplugins: [{name: tfstate}]\n"))
	require.NoError(t, err)
	r, err := ecspresso.Read(list[0], document.Given{File: func(name string) ([]byte, error) {
		if s, ok := files[name]; ok {
			return []byte(s), nil
		}
		return nil, errors.New("no")
	}})
	require.NoError(t, err)
	require.NoError(t, r.Check())
	require.Equal(t, []string{"web", "prod", "web"}, []string{r.Services[0].ServiceName, r.Services[0].Cluster,
		r.Services[0].TaskDefinition})
	require.Equal(t, "web:needs-value-of-TAG", r.TaskDefinitions[0].ContainerDefinitions[0].Image)
	for _, f := range r.Fields() {
		if f.Path == "containerDefinitions[0].image" || f.Path == "plugins" {
			require.Equal(t, source.Needs, f.Fate, f.Path)
		}
	}
}

func FuzzRender(f *testing.F) {
	f.Add([]byte("{{ env `A` `B` | json_escape }} {{ if x }}y{{ end }}"))
	f.Add([]byte("{{ printf `%999999d` 1 }}{{ len `a` }}{{ .X }}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		out, err := ecspresso.Render("f.json", data, nil)
		if err != nil {
			require.Contains(t, err.Error(), "f.json:")
		}
		require.LessOrEqual(t, len(out), source.MostBytes)
	})
}

func ExampleRender() {
	out, err := ecspresso.Render("task.json", []byte("{\"image\": \"web:{{ env `TAG` `latest` }}\"}"),
		map[string]string{"TAG": "7"})
	fmt.Println(string(out), err)
	// Output: {"image": "web:7"} <nil>
}
