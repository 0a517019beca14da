package survey_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/formats"
	"github.com/bayplan/bayplan/examples/import/survey"
)

var folder = flag.String("public", "", "a folder with the files of testdata/public.txt")

// own lists files of this module that are surveyed where the public ones are not there.
var own = [][2]string{{"kubernetes", "testdata/worked.yml"}, {"kubernetes", "testdata/shop.yml"},
	{"compose", "testdata/compose.yml"}, {"gone", "gone.yml"}}

func TestOwn(t *testing.T) {
	table := survey.Read(os.DirFS(".."), own, document.Given{})
	require.NoError(t, table.Faults())
	require.Equal(t, 1, table.Absent)
	var b bytes.Buffer
	require.NoError(t, table.Text(&b, true))
	require.Regexp(t, `a Compose file +1 +1 +1 +0 +0`, b.String())
	require.Regexp(t, `a manifest of Kubernetes +2 +2 +2 +0 +0`, b.String())
}

// TestPublic: of each of the formats with many public files so many convert, and ECS takes what comes out.
func TestPublic(t *testing.T) {
	if *folder == "" {
		t.Skip("the public files are not here: go test ./survey -public DIR")
	}
	data, err := os.ReadFile("../testdata/public.txt")
	require.NoError(t, err)
	list, err := survey.List(bytes.NewReader(data))
	require.NoError(t, err)
	table := survey.Read(os.DirFS(*folder), list, document.Given{})
	require.NoError(t, table.Faults())
	least := map[formats.Kind]int{formats.Dockerrun: 40, formats.Compose: 40, formats.Kubernetes: 40,
		formats.Copilot: 25}
	for _, r := range table.Rows {
		require.GreaterOrEqual(t, r.Valid, least[r.Kind], r.Kind)
	}
}

func TestFaults(t *testing.T) {
	require.Error(t, survey.Table{Rows: []*survey.Row{{Converted: 1}}}.Faults())
	require.Error(t, survey.Table{Rows: []*survey.Row{{Panics: 1}}}.Faults())
	_, err := survey.List(strings.NewReader("one\n"))
	require.ErrorContains(t, err, "is not REPOSITORY PATH")
}

func ExampleRead() {
	files := fstest.MapFS{"acme/shop/Dockerrun.aws.json": {Data: []byte(`{"AWSEBDockerrunVersion": "1", "Image": {"Name": "nginx"}}`)}}
	table := survey.Read(files, [][2]string{{"acme/shop", "Dockerrun.aws.json"}}, document.Given{})
	fmt.Println(table.Rows[0].Files, table.Rows[0].Valid, table.Faults())
	// Output: 1 1 <nil>
}
