package autoscale

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/check"
)

// nest adds the faults of a member, as its Validate returns them, under its path.
func nest(f *check.Faults, path string, err error) {
	if err == nil {
		return
	}
	var member [][2]string
	for e := range ecs.Errors(err) {
		member = append(member, [2]string{e.Field, e.Message})
	}
	f.Nest(path, member)
}

// fits32 refuses what is not a 32-bit number, which every whole number of the API is.
func fits32(f *check.Faults, field string, n int) {
	if !is32(n) {
		f.Refuse(field, "%s must be a 32-bit number, got %d.", check.LastKey(field), n)
	}
}

func is32(n int) bool { return n == int(int32(n)) }
