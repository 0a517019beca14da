// Whatif answers three questions about a task definition before anybody deploys it: is it
// valid, where would its tasks go on a cluster, and would the service's deployment end?
//
//	go run ./examples/whatif                              its own files
//	go run ./examples/whatif -task-definition web.json    a definition of yours
//	go run ./examples/whatif -task-definition web.json \
//	    -container-instances instances.json -tasks tasks.json -service service.json
//
// The files are what the AWS command line takes and prints: register-task-definition's input,
// and the output of describe-container-instances, describe-tasks and describe-services. With
// -running it is told the definition that runs now, with -html it writes a page too.
//
// It decides nothing: it asks the packages of the module and prints their answers.
package main

import (
	"embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
)

//go:embed testdata/*.json
var own embed.FS

// asked is what the question is made of: documents in AWS's JSON.
type asked struct {
	Definition []byte // register-task-definition
	Running    []byte // the same, of the revision that runs; none: the same definition
	Instances  []byte // describe-container-instances; none: a fleet that holds the tasks
	Tasks      []byte // describe-tasks
	Service    []byte // describe-services; none: a service of Count tasks
	Count      int
	Seed       uint64
}

func main() {
	var a asked
	var files struct{ definition, running, instances, tasks, service, html string }
	flag.StringVar(&files.definition, "task-definition", "", "the task definition, as register-task-definition takes it")
	flag.StringVar(&files.running, "running", "", "the task definition that the service runs now")
	flag.StringVar(&files.instances, "container-instances", "", "what describe-container-instances prints")
	flag.StringVar(&files.tasks, "tasks", "", "what describe-tasks prints")
	flag.StringVar(&files.service, "service", "", "what describe-services prints: the first service is asked about")
	flag.StringVar(&files.html, "html", "", "a file for the report as a page")
	flag.IntVar(&a.Count, "count", 6, "desired count, without -service")
	flag.Uint64Var(&a.Seed, "seed", 1, "seed of the simulation")
	flag.Parse()
	if files.definition == "" && flag.NArg() == 1 {
		files.definition = flag.Arg(0)
	}
	if err := read(&a, files.definition, files.running, files.instances, files.tasks, files.service); err != nil {
		fail(err)
	}
	r, err := answer(a)
	if write := r.text(os.Stdout); err == nil {
		err = write
	}
	if files.html != "" {
		err = errors.Join(err, page(files.html, r))
	}
	if err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// read fills the documents from files; without any it takes the program's own.
func read(a *asked, definition, running, instances, tasks, service string) error {
	if definition == "" {
		if running+instances+tasks+service != "" {
			return errors.New("-task-definition is missing")
		}
		*a = sample(*a)
		return nil
	}
	for _, f := range []struct {
		name string
		to   *[]byte
	}{{definition, &a.Definition}, {running, &a.Running}, {instances, &a.Instances}, {tasks, &a.Tasks}, {service, &a.Service}} {
		if f.name == "" {
			continue
		}
		data, err := os.ReadFile(f.name)
		if err != nil {
			return err
		}
		*f.to = data
	}
	return nil
}

// sample asks about the program's own files.
func sample(a asked) asked {
	file := func(name string) []byte {
		data, _ := own.ReadFile("testdata/" + name + ".json") // embedded
		return data
	}
	a.Definition, a.Running = file("task-definition"), file("running")
	a.Instances, a.Tasks, a.Service = file("container-instances"), file("tasks"), file("service")
	return a
}

func page(name string, r report) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	return errors.Join(r.html(f), f.Close())
}

// text writes the report for a terminal.
func (r report) text(out io.Writer) error {
	for i, s := range r.Sections {
		if i > 0 {
			fmt.Fprintln(out)
		}
		for _, line := range append([]string{s.Title + ": " + s.Answer, ""}, s.Lines...) {
			if _, err := fmt.Fprintln(out, strings.Join(wrap(line), "\n")); err != nil {
				return err
			}
		}
	}
	return nil
}
