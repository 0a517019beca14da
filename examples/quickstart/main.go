// Quickstart takes a task definition to a service in steady state on a simulated cluster,
// and shows where each task went and why, what happened second by second, a rolling update
// to a second revision, and a task that is killed and replaced.
//
//	go run ./examples/quickstart                     its own definition
//	go run ./examples/quickstart task-definition.json  any other, in register-task-definition form
//	                                                   or as describe-task-definition prints it
//
// It decides nothing: it asks the packages of the module and prints their answers.
package main

import (
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/definition"
)

//go:embed web.json
var web []byte

func main() {
	seed := flag.Uint64("seed", 1, "seed of IDs and random choices")
	zones := flag.String("zones", "us-east-1a,us-east-1b,us-east-1c", "Availability Zones of the cluster")
	flag.Parse()
	document := web
	if flag.NArg() > 0 {
		var err error
		if document, err = os.ReadFile(flag.Arg(0)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	if err := run(os.Stdout, document, strings.Split(*zones, ","), *seed); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run tells the whole story of one task definition.
func run(out io.Writer, document []byte, zones []string, seed uint64) error {
	d, left, err := definition.Read(document)
	if left != "" {
		if _, err := fmt.Fprintln(out, left); err != nil {
			return err
		}
	}
	if lacksRole(err) {
		fmt.Fprintf(out, "executionRoleArn is not in the file; the story uses %s\n", executionRole)
		d.ExecutionRoleArn = executionRole
		err = d.Validate()
	}
	if err != nil {
		return refused(out, err)
	}
	s, err := newStory(out, d, zones, seed)
	if err != nil {
		return err
	}
	for _, chapter := range []func() error{s.create, s.update, s.kill} {
		if err := chapter(); err != nil {
			return err
		}
	}
	commands, digest := s.world.Digest()
	fmt.Fprintf(out, "\nseed %d, %d commands, SHA-256 %s\n", seed, commands, digest)
	return nil
}

// executionRole stands in where a published definition has no execution role, as the
// option --execution-role-arn of the AWS CLI would.
const executionRole = "arn:aws:iam::123456789012:role/ecsTaskExecutionRole"

// lacksRole reports whether the execution role is all that a definition lacks.
func lacksRole(err error) bool {
	for e := range ecs.Errors(err) {
		if e.Field != "executionRoleArn" {
			return false
		}
	}
	return err != nil
}

// refused prints every fault with its path.
func refused(out io.Writer, err error) error {
	faults, n := definition.List(err)
	for _, f := range faults {
		if _, err := fmt.Fprintf(out, "%s\n    %s\n", f.Field, f.Text); err != nil {
			return err
		}
	}
	return errors.New("the task definition is refused: " + n)
}
