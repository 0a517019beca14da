package ecs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/bayplan/bayplan/ecs"
)

func TestCorpusTmp(t *testing.T) {
	files, _ := filepath.Glob("../../shared/data/taskdefs/*.json")
	for _, f := range files {
		data, _ := os.ReadFile(f)
		d, err := ecs.ParseTaskDefinition(data)
		verr := d.Validate()
		if err != nil || verr != nil {
			fmt.Println("==", filepath.Base(f))
			for e := range ecs.Errors(err) {
				fmt.Println("  P", e)
			}
			for e := range ecs.Errors(verr) {
				fmt.Println("  V", e)
			}
		}
	}
}
