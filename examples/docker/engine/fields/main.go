// Command fields prints what becomes of each field of a task definition on a Docker Engine.
package main

import (
	"fmt"
	"os"

	"github.com/bayplan/bayplan/examples/docker/engine"
)

func main() {
	if err := engine.WriteFields(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
