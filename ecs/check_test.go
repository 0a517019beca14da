package ecs_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/script"
)

func TestCheck(t *testing.T) {
	script.Run(t, "testdata/check.txt", func(t *testing.T, document string) string {
		d, err := ecs.ParseTaskDefinition([]byte(document))
		var b strings.Builder
		for e := range ecs.Errors(errors.Join(err, d.Validate())) {
			b.WriteString(e.Error() + "\n")
		}
		return b.String()
	})
}
