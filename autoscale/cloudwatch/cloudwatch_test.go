package cloudwatch

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// places returns the code and field of every failure.
func places(err error) (out []string) {
	for e := range ecs.Errors(err) {
		out = append(out, string(e.Code)+" "+e.Field)
	}
	return out
}
