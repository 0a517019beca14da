// Whatif answers three questions about a task definition before anybody deploys it: is it
// valid, where would its tasks go on a cluster, and would the service's deployment end?
//
//	go run ./examples/whatif                              its own files
//	go run ./examples/whatif -task-definition web.json    a definition of yours
//	go run ./examples/whatif -task-definition web.json \
//	    -container-instances instances.json -tasks tasks.json -service service.json
//
// The files are what the AWS command line takes and prints: register-task-definition's input (or what
// describe-task-definition prints), and the output of describe-container-instances, describe-tasks and
// describe-services. The tasks and the service say what runs now. -running gives the task definition of
// what runs; without the other two it says alone what runs. With -html the program also writes a page, with
// -picture an SVG picture for a ticket.
//
// It also answers a fourth question: what would scaling policies have done under a recorded load, and at
// which cost?
//
//	go run ./examples/whatif -replay policy.json -load load.csv -chart chart.svg -csv table.csv
//
// -replay may be given several times: the answers stand beside one another.
//
// This package only reads the files and prints the answers. Package answer asks the packages of the
// module.
package main

import (
	"bytes"
	"embed"
	"errors"
	"flag"
	"fmt"
	"os"

	"github.com/bayplan/bayplan/examples/whatif/answer"
)

//go:embed testdata/*.json
var own embed.FS

func main() {
	q := answer.Question{}
	var files struct{ definition, running, instances, tasks, service, html, picture string }
	flag.StringVar(&files.definition, "task-definition", "",
		"the task definition, as register-task-definition takes it")
	flag.StringVar(&files.running, "running", "",
		"the task definition that the service runs now; -tasks and -service say it without")
	flag.StringVar(&files.instances, "container-instances", "", "what describe-container-instances prints")
	flag.StringVar(&files.tasks, "tasks", "", "what describe-tasks prints")
	flag.StringVar(&files.service, "service", "", "what describe-services prints: the first service is asked about")
	flag.StringVar(&files.html, "html", "", "a file for the report as a page")
	flag.StringVar(&files.picture, "picture", "", "a file for the headline and the rollout as an SVG picture")
	flag.IntVar(&q.Count, "count", 6, "desired count, without -service")
	flag.Uint64Var(&q.Seed, "seed", 1, "seed of the simulation")
	replaying := replayFlags()
	flag.Usage = usage
	flag.Parse()
	if err := arguments(&files.definition, flag.Args()); err != nil {
		fail(err)
	}
	if asked, err := replaying(os.Stdout); err != nil {
		fail(err)
	} else if asked {
		return
	}
	if err := read(&q, files.definition, files.running, files.instances, files.tasks, files.service); err != nil {
		fail(err)
	}
	r, err := answer.Ask(q)
	if write := r.Text(os.Stdout); err == nil {
		err = write
	}
	err = errors.Join(err, written(files.html, r.HTML), written(files.picture, r.Picture))
	if err != nil {
		fail(err)
	}
}

// usage says what the program is for, before what its flags do.
func usage() {
	fmt.Fprint(flag.CommandLine.Output(),
		`Whatif answers for a task definition, before anybody deploys it: is it valid, where would its tasks
go on a cluster, and would the deployment of its service end?

  go run ./examples/whatif                              its own files
  go run ./examples/whatif -task-definition web.json    a definition of yours, on a fleet that holds it
  go run ./examples/whatif -task-definition web.json -container-instances instances.json \
      -tasks tasks.json -service service.json           on your cluster

  go run ./examples/whatif -replay policy.json -load load.csv
                                                        what scaling policies would have done

The files are what the AWS CLI takes and prints.

Flags:
`)
	flag.PrintDefaults()
}

// arguments takes what stands behind the flags: nothing, or the task definition instead of its flag.
func arguments(definition *string, rest []string) error {
	if *definition == "" && len(rest) > 0 {
		*definition, rest = rest[0], rest[1:]
	}
	if len(rest) > 0 {
		return fmt.Errorf("%q is too much: there is one task definition, and flags stand before it", rest[0])
	}
	return nil
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// read fills the documents from files; without any it takes the program's own.
func read(q *answer.Question, definition, running, instances, tasks, service string) error {
	if definition == "" {
		if running+instances+tasks+service != "" {
			return errors.New("-task-definition is missing")
		}
		return sample(q)
	}
	for _, f := range []struct {
		name string
		to   *[]byte
	}{{definition, &q.Definition}, {running, &q.Running}, {instances, &q.Instances}, {tasks, &q.Tasks},
		{service, &q.Service}} {
		if f.name == "" {
			continue
		}
		data, err := os.ReadFile(f.name)
		if err != nil {
			return err
		}
		if len(bytes.TrimSpace(data)) == 0 { // as a command leaves it that failed, and not the same as no file
			return fmt.Errorf("%s is empty", f.name)
		}
		*f.to = data
	}
	return nil
}

// sample asks about the program's own files.
func sample(q *answer.Question) error {
	for _, f := range []struct {
		name string
		to   *[]byte
	}{{"task-definition", &q.Definition}, {"running", &q.Running}, {"container-instances", &q.Instances},
		{"tasks", &q.Tasks},
		{"service", &q.Service}} {
		data, err := own.ReadFile("testdata/" + f.name + ".json")
		if err != nil {
			return err
		}
		*f.to = data
	}
	return nil
}
