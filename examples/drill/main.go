// Drill finds out whether a command that deploys to Amazon ECS notices what becomes of its deployment. It runs the
// command in one scenario after another, each a fresh simulated ECS on loopback in which something goes right or wrong,
// and compares the command's exit code with the truth.
//
//	go run ./examples/drill -- ./deploy.sh {{.Cluster}} {{.Service}} {{.Image}}
//
// The command reaches the simulated ECS by AWS_ENDPOINT_URL. It cannot reach AWS.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/bayplan/bayplan/examples/drill/command"
	"github.com/bayplan/bayplan/examples/drill/play"
	"github.com/bayplan/bayplan/examples/drill/report"
	"github.com/bayplan/bayplan/examples/drill/scenario"
	"github.com/bayplan/bayplan/examples/drill/stage"
	"github.com/bayplan/bayplan/examples/drill/verdict"
)

// unjudged is the exit code of a drill that could not judge.
const unjudged = 2

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// options are what the flags say.
type options struct {
	names                scenario.Names
	pace, chosen, folder string
	timeout              time.Duration
	seed                 uint64
	json, keep, list     bool
	details              bool
	told                 verdict.Told
	junit, html, expect  string
	command              []string
}

// run is the program. It returns its exit code.
func run(ctx context.Context, args []string, out, errs io.Writer) int {
	o, err := parse(args, errs)
	if err != nil {
		return unjudged
	}
	scenarios, paces, err := o.choose()
	var known verdict.Expected
	if err == nil && o.expect != "" {
		known, err = o.expected()
	}
	if err == nil && o.list {
		for _, s := range scenarios {
			fmt.Fprintf(out, "%-34s exit %-8s %s\n", s.Name, s.Exit, s.Title)
		}
		return 0
	}
	tool := command.Command{Args: o.command, Env: os.Environ()}
	if err == nil {
		err = tool.Check()
	}
	if err != nil {
		fmt.Fprintln(errs, "drill:", err)
		return unjudged
	}
	config := play.Config{Scenarios: scenarios, Paces: paces, Names: o.names, Timeout: o.timeout, Seed: o.seed,
		Told: o.told}
	if o.keep {
		config.Keep = func(endpoint string, r verdict.Result) { keep(ctx, errs, endpoint, r) }
	}
	fmt.Fprintf(errs, "drill: runs: %d, each of %s at most\n", len(scenarios)*len(paces),
		o.timeout)
	var results []verdict.Result
	play.All(ctx, config, tool, func(r verdict.Result) {
		r = known.Meet(r)
		results = append(results, r)
		if !o.json && err == nil {
			err = report.Line(out, r, o.details)
		}
	})
	if err == nil {
		err = o.write(out, results)
	}
	if err != nil {
		fmt.Fprintln(errs, "drill:", err)
		return unjudged
	}
	return report.Code(results)
}

// choose returns which scenarios are played, and at which paces.
func (o options) choose() ([]scenario.Scenario, []stage.Pace, error) {
	if err := o.names.Check(); err != nil {
		return nil, nil, err
	}
	all, err := o.scenarios()
	if err != nil {
		return nil, nil, err
	}
	between := func(r rune) bool { return r == ',' || r == ' ' }
	scenarios, err := scenario.Select(all, strings.FieldsFunc(o.chosen, between))
	if err != nil {
		return nil, nil, err
	}
	switch o.pace {
	case "both":
		return scenarios, stage.Paces(), nil
	case string(stage.Leap), string(stage.Step):
		return scenarios, []stage.Pace{stage.Pace(o.pace)}, nil
	}
	return nil, nil, fmt.Errorf("-pace is leap, step or both; it is %q", o.pace)
}

// expected reads the known faults.
func (o options) expected() (verdict.Expected, error) {
	text, err := os.ReadFile(o.expect)
	if err != nil {
		return nil, err
	}
	all, err := o.scenarios()
	if err != nil {
		return nil, err
	}
	known, err := verdict.Expect(string(text), all)
	if err != nil {
		return nil, fmt.Errorf("-expect %s: %w", o.expect, err)
	}
	return known, nil
}

// scenarios are those of the folder, or the drill's own.
func (o options) scenarios() ([]scenario.Scenario, error) {
	if o.folder != "" {
		return scenario.Read(os.DirFS(o.folder), ".")
	}
	return scenario.Own()
}

// write writes the documents that are asked for.
func (o options) write(out io.Writer, results []verdict.Result) error {
	for _, d := range []struct {
		file  string
		write func(io.Writer) error
	}{
		{o.junit, func(w io.Writer) error { return report.JUnit(w, results) }},
		{o.html, func(w io.Writer) error { return report.Page(w, strings.Join(o.command, " "), results) }},
	} {
		if d.file == "" {
			continue
		}
		var b bytes.Buffer
		if err := d.write(&b); err != nil {
			return err
		}
		if err := os.WriteFile(d.file, b.Bytes(), 0o600); err != nil {
			return err
		}
	}
	if o.json {
		return report.JSON(out, results)
	}
	_, err := fmt.Fprintln(out, report.Summary(results))
	return err
}

// keep leaves a world open until the drill is interrupted.
func keep(ctx context.Context, out io.Writer, endpoint string, r verdict.Result) {
	names := r.Runs[0].Facts.Names
	fmt.Fprintf(out, `
The world of %s is open, with the verdict %s. Ask it what you like:

  aws ecs describe-services --services %s --cluster %s --endpoint-url %s --region %s --no-sign-request

and see what happened at %s/_local/timeline?format=html. Ctrl-C ends it.
`, r.Scenario.Name, r.Verdict, names.Service, names.Cluster, endpoint, names.Region, endpoint)
	<-ctx.Done()
}

// parse reads the flags. The command is what follows them.
func parse(args []string, errs io.Writer) (o options, err error) {
	o.names = scenario.Default()
	f := flag.NewFlagSet("drill", flag.ContinueOnError)
	f.SetOutput(errs)
	f.StringVar(&o.chosen, "scenario", "", "`numbers` or names of the scenarios to play, such as 2,5a; empty: all")
	f.StringVar(&o.pace, "pace", "leap", "leap: a call that reads lets time run until the deployment is over; "+
		"step: for 15 s; both")
	f.StringVar(&o.folder, "scenarios", "", "a `folder` with scenarios of your own")
	f.DurationVar(&o.timeout, "timeout", 2*time.Minute, "of each run; then the command is killed")
	f.BoolVar(&o.told.NoWait, "no-wait", false, "the command does not wait for the deployment's end: only that it "+
		"deploys, and what it does besides, is judged")
	f.BoolVar(&o.told.Undoes, "undoes", false, "the command says that it brings the old revision back after an "+
		"error")
	f.BoolVar(&o.told.Dry, "dry", false, "the command is told to change nothing: whatever it changes is wrong")
	f.StringVar(&o.expect, "expect", "", "a `file` of known faults, such as \"2 FAIL W1\" in a line: these pass, and "+
		"one that is cured fails until its line is taken out")
	f.BoolVar(&o.details, "v", false, "print the timeline of each run")
	f.BoolVar(&o.list, "list", false, "list the scenarios, and end")
	f.BoolVar(&o.keep, "keep", false, "leave the world of each run open for a look, until Ctrl-C")
	f.BoolVar(&o.json, "json", false, "print JSON")
	f.StringVar(&o.junit, "junit", "", "write JUnit's XML to a `file`")
	f.StringVar(&o.html, "html", "", "write a page with the timelines to a `file`")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the worlds")
	f.StringVar(&o.names.Cluster, "cluster", o.names.Cluster, "what the command calls the cluster")
	f.StringVar(&o.names.Service, "service", o.names.Service, "what the command calls the service")
	f.StringVar(&o.names.Family, "family", o.names.Family, "of the service's task definitions")
	f.StringVar(&o.names.Container, "container", o.names.Container, "in the task definition")
	f.StringVar(&o.names.Image, "image", o.names.Image, "that the command deploys")
	f.StringVar(&o.names.Region, "region", o.names.Region, "that the command calls")
	f.Usage = func() {
		fmt.Fprint(errs, usage)
		f.PrintDefaults()
	}
	err = f.Parse(args)
	o.command = f.Args()
	return o, err
}

const usage = `Drill finds out whether a command that deploys to Amazon ECS notices what becomes of its deployment.

  go run ./examples/drill [flags] -- COMMAND ARGUMENT…

In one scenario the command runs twice at the same time: it must not mind.

In the arguments {{.Cluster}}, {{.Service}}, {{.Family}}, {{.Container}} and {{.Image}} are what the command shall
deploy; {{.TaskDefinition}} is a file in the form of register-task-definition, and {{.AppSpec}} one for CodeDeploy. If
names are fixed in your script, give them to the drill by the flags. The command calls ECS by AWS_ENDPOINT_URL, and
cannot reach AWS.

The exit code is 0 if the command is right in all scenarios, 1 if it is wrong in one, and 2 if the drill could not
judge. A command that hangs in a scenario takes the whole -timeout: try -scenario 1,2,5a first. How a command can
know what became of its deployment is shown by examples/drill/stub/watch.py.

Flags:
`
