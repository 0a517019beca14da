package formats_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/document/documenttest"
	"github.com/bayplan/bayplan/examples/import/formats"
	"github.com/bayplan/bayplan/examples/import/source"
)

// fixtures are files of this module, by format.
var fixtures = map[string]formats.Kind{
	"../kubernetes/testdata/shop.yml": formats.Kubernetes, "../compose/testdata/compose.yml": formats.Compose,
	"../compose/testdata/ecs-params.yml": formats.Params,
}

func TestRecognize(t *testing.T) {
	for name, want := range fixtures {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		list, err := source.Parse(name, data)
		require.NoError(t, err)
		require.Equal(t, want, formats.Recognize(list[len(list)-1]), name)
	}
	for text, want := range map[string]formats.Kind{
		`{"AWSEBDockerrunVersion": 1}`: formats.Dockerrun, "name: a\ntype: Worker Service": formats.Copilot,
		`{"containerDefinitions": []}`: formats.Native, `{"services": [{}]}`: formats.Native,
		`[{"name": "a", "image": "b"}]`:                       formats.Native,
		"Resources: {}":                                       formats.CloudFormation,
		"service_definition: a\ntask_definition: b":           formats.Ecspresso,
		"nodegroup: {}":                                       formats.EKS,
		"apiVersion: eksctl.io/v1alpha5\nkind: ClusterConfig": formats.EKS, "a: b": formats.Unknown,
		"[1]": formats.Unknown, "7": formats.Unknown,
	} {
		list, err := source.Parse("f", []byte(text))
		require.NoError(t, err)
		require.Equal(t, want, formats.Recognize(list[0]), text)
	}
}

// TestUnknown: what is none of the known kinds, and what cannot be read, is one message with file and line.
func TestUnknown(t *testing.T) {
	for text, want := range map[string]string{
		"# a comment\ncolour: red\n": "x.yml:2: this is a map of colour: it is not Dockerrun.aws.json of " +
			"Elastic Beanstalk, nor a manifest of AWS Copilot, nor",
		"a: b\nimage: {{ .Values.image }}\n": "x.yml:2: this is a template of Helm: give what helm template prints",
		"a: [\n":                             "x.yml:",
	} {
		_, err := formats.Read([]formats.File{{Name: "x.yml", Data: []byte(text)}}, document.Given{})
		require.ErrorContains(t, err, want)
	}
}

// TestBraces: what braces are depends on the format.
func TestBraces(t *testing.T) {
	g := document.Given{Name: "x", Variables: map[string]string{"N": "3"}}
	for text, want := range map[string]string{
		"services: {web: {image: nginx, labels: {a: " +
			"'{{.Task.Slot}}'}}}": "{{.Task.Slot}}",
		`{"serviceName": "s", "taskDefinition": "t", "desiredCount": {{ env "N" "1" }}}`:                            `"desiredCount": 3`,
		`{"family": "t", "containerDefinitions": [{"name": "c", "image": "i:{{ must_env "TAG" }}", "memory": 64}]}`: "i:needs-value-of-TAG",
	} {
		r, err := formats.Read([]formats.File{{Name: "x.json", Data: []byte(text)}}, g)
		require.NoError(t, err, text)
		data, err := r.JSON()
		require.NoError(t, err)
		require.Contains(t, string(data), want)
	}
}

func TestSameBytes(t *testing.T) {
	var files []formats.File
	for _, name := range []string{"../kubernetes/testdata/shop.yml", "../compose/testdata/compose.yml",
		"../kubernetes/testdata/worked.yml"} {
		data, err := os.ReadFile(name)
		require.NoError(t, err)
		files = append(files, formats.File{Name: name, Data: data})
	}
	first := ""
	for range 20 {
		r, err := formats.Read(files, document.Given{})
		require.NoError(t, err)
		data, err := r.JSON()
		require.NoError(t, err)
		text := string(data) + fmt.Sprint(r.Fields())
		if first == "" {
			first = text
		}
		require.Equal(t, first, text)
	}
}

func FuzzRead(f *testing.F) {
	for name := range fixtures {
		data, err := os.ReadFile(name)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Add([]byte(`{"AWSEBDockerrunVersion": 2, "containerDefinitions": [{"name": "a", "image": "b", "memory": 1}]}`))
	f.Add([]byte("name: a\ntype: Backend Service\nimage: {location: b}\n"))
	f.Add([]byte(`{"services": [{"serviceName": "a", "deployments": [{}]}]}`))
	f.Add(
		[]byte(
			`{"Resources": {"T": {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [{"Name": {"Ref": "X"}}]}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := formats.Read([]formats.File{{Name: "f.yml", Data: data}}, document.Given{Instances: 3})
		documenttest.Holds(t, "f.yml", r, err)
	})
}

func ExampleRead() {
	r, err := formats.Read([]formats.File{{Name: "compose.yml", Data: []byte("services: {web: {image: nginx}}")},
		{Name: "Dockerrun.aws.json", Data: []byte(`{"AWSEBDockerrunVersion": "1", "Image": {"Name": "httpd"}}`)}},
		document.Given{Name: "shop"})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, d := range r.TaskDefinitions {
		fmt.Println(d.Family, d.ContainerDefinitions[0].Image)
	}
	// Output:
	// shop httpd
	// shop-web nginx
}
