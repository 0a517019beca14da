package front

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// WriteOperations writes what is served as a document in Markdown: for each service, its actions and those that are
// refused by name, in order.
func WriteOperations(w io.Writer) error {
	var text strings.Builder
	text.WriteString("# Actions that localecs serves\n\n`go run ./examples/localecs -operations` prints this page; " +
		"`-members` prints what becomes of each member\nof each input.\n")
	tables := operations()
	for _, service := range slices.Sorted(maps.Keys(tables)) {
		var served, refused []string
		for _, action := range slices.Sorted(maps.Keys(tables[service])) {
			if tables[service][action].Input == nil {
				refused = append(refused, action)
			} else {
				served = append(served, action)
			}
		}
		fmt.Fprintf(&text, "\n## %s\n\n%d served:\n%s\n", service, len(served), strings.Join(served, ",\n"))
		if len(refused) > 0 {
			fmt.Fprintf(&text, "\n%d refused by name:\n%s\n", len(refused), strings.Join(refused, ",\n"))
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}
