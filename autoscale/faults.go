package autoscale

import (
	"fmt"
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// faults collects the failures of one input under one code.
type faults struct {
	code ecs.Code
	list ecs.ErrorList
}

func (f *faults) add(field, format string, args ...any) {
	f.list = append(f.list, &ecs.Error{Code: f.code, Field: field, Message: fmt.Sprintf(format, args...)})
}

// nest adds the failures of a member under its path.
func (f *faults) nest(path string, err error) {
	if err == nil {
		return
	}
	for e := range ecs.Errors(err) {
		field := path
		switch {
		case path == "":
			field = e.Field
		case e.Field != "":
			field += "." + e.Field
		}
		f.list = append(f.list, &ecs.Error{Code: f.code, Field: field, Message: e.Message, Err: e.Err})
	}
}

func (f *faults) err() error { return f.list.Err() }

// fits32 refuses what is not a 32-bit number, which every whole number of the API is.
func (f *faults) fits32(field string, n int) {
	if !is32(n) {
		f.add(field, "%s must be a 32-bit number, got %d.", field[strings.LastIndexByte(field, '.')+1:], n)
	}
}

func is32(n int) bool { return n == int(int32(n)) }

func index(list string, i int) string { return fmt.Sprintf("%s[%d]", list, i) }
