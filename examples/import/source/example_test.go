package source_test

import (
	"fmt"
	"strings"

	"github.com/bayplan/bayplan/examples/import/source"
)

func ExampleParse() {
	list, err := source.Parse("manifest.yml", []byte("name: web\ncpu: 256\nlogging:\n  retention: 30\n"))
	if err != nil {
		fmt.Println(err)
		return
	}
	v := list[0]
	fmt.Println(v.Get("name").String(), v.Get("cpu").IntOr(0))
	v.Get("logging").Lose("set the retention of the log group by hand")
	for _, f := range v.Fields() {
		fmt.Printf("%d %s: %s%s\n", f.Line, f.Path, f.Fate, strings.TrimRight("; "+f.Text, "; "))
	}
	// Output:
	// web 256
	// 1 name: kept
	// 2 cpu: kept
	// 3 logging: without counterpart; set the retention of the log group by hand
	// 4 logging.retention: without counterpart
}
