package document

import (
	"github.com/bayplan/bayplan/examples/import/shellwords"
	"github.com/bayplan/bayplan/examples/import/source"
)

// Words reads a command: a list, or one text that is split as a shell would.
func Words(v *source.Value) []string {
	if v.Is(source.List) || !v.Has() {
		return v.Strings()
	}
	list, err := shellwords.Split(v.String())
	if err != nil {
		v.Fault("%v", err)
	}
	v.Translate("split into %d words as a shell would", len(list))
	return list
}
