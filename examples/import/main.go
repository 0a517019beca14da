// Import asks of what runs elsewhere what it would be on ECS: it converts files of Elastic Beanstalk, AWS
// Copilot, Compose, Kubernetes and others into documents of ECS, and says what became of each field.
//
//	go run . FILE…            the documents, and a report on each field
//	go run . -whatif FILE…    does it fit, would its rollout end, what would it cost
//	helm template CHART | go run . -
//
// It decides nothing: the packages of the formats convert, and this one reads files and prints.
package main

import (
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/sirupsen/logrus"

	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/formats"
	"github.com/bayplan/bayplan/examples/import/source"
	"github.com/bayplan/bayplan/examples/import/survey"
)

func main() {
	logrus.SetOutput(io.Discard) // the parser of Compose logs what the report says
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// settings are the flags.
type settings struct {
	given document.Given
	all   bool
	json  bool
	out   string

	survey string
	do     actions
}

func run(args []string, in io.Reader, out io.Writer) error {
	f := flag.NewFlagSet("import", flag.ContinueOnError)
	var s settings
	s.register(f)
	f.Usage = func() { usage(f) }
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	if s.survey != "" {
		return surveyed(s.survey, s.all, s.given, out)
	}
	if f.NArg() == 0 {
		usage(f)
		return errors.New("no file is given")
	}
	files, err := open(f.Args(), in, s.do.most())
	if err != nil {
		return err
	}
	if s.do.record {
		return s.do.replayed(files, out)
	}
	if s.do.back {
		return s.writeBack(files, out)
	}
	s.given.File = beside(f.Args())
	r, err := formats.Read(files, s.given)
	if err == nil {
		err = r.Check()
	}
	printed := false
	if err == nil {
		printed, err = s.do.do(&r, out)
	}
	if printed || err != nil && len(r.Read) == 0 {
		return err
	}
	return errors.Join(s.write(&r, out), err)
}

// register declares the flags.
func (s *settings) register(f *flag.FlagSet) {
	g := &s.given
	text := func(p *string, name, usage string) { f.StringVar(p, name, "", usage) }
	text(&g.Name, "name", "name of what a file without a name describes; its folder's otherwise")
	text(&g.App, "app", "application of a Copilot manifest")
	text(&g.Env, "env", "environment of a Copilot manifest")
	text(&g.Region, "region", "Region, for log groups and ARNs; us-east-1 otherwise")
	text(&g.Account, "account", "account, for ARNs")
	text(&g.Cluster, "cluster", "cluster of the services")
	text(&g.ExecutionRole, "execution-role", "ARN of the task execution role")
	text(&g.TaskRole, "task-role", "ARN of the task role")
	text(&g.Launch, "launch", "EC2 or FARGATE; what is usual for the format otherwise")
	text(&g.Network, "network", "network mode on EC2: bridge or awsvpc")
	text(&g.Compose, "compose", "services: a service each (the usual way); task: a container each in one task")
	f.IntVar(&g.Memory, "memory", 0, "MiB of a container that says none; 512 otherwise")
	f.IntVar(&g.Instances, "instances", 0, "container instances that a daemon runs on")
	f.BoolVar(&g.Plain, "plain", false, "leave out the COPILOT_ variables of every container")
	pairs(f, &g.Images, "image", "`CONTAINER=IMAGE` that a build pushed; may be repeated")
	pairs(f, &g.TargetGroups, "target-group", "`SERVICE=ARN` of a target group; may be repeated")
	pairs(f, &g.Variables, "set", "`NAME=VALUE` for templates and Compose files; may be repeated")
	list(f, &g.Subnets, "subnet", "a subnet; may be repeated")
	list(f, &g.SecurityGroups, "security-group", "a security group; may be repeated")
	f.BoolVar(&s.all, "all", false, "report every field, not only those that differ")
	f.BoolVar(&s.json, "json", false, "the report as JSON")
	s.do.register(f)
	f.StringVar(&s.survey, "survey", "", "a folder with the files of testdata/public.txt: print how they convert")
	f.StringVar(&s.out, "o", "", "a directory for the documents, a file each, instead of printing them")
}

//go:embed testdata/public.txt
var public string

// surveyed converts the public files of the list that are in a folder.
func surveyed(dir string, remarks bool, g document.Given, out io.Writer) error {
	list, err := survey.List(strings.NewReader(public))
	if err != nil {
		return err
	}
	t := survey.Read(os.DirFS(dir), list, g)
	if t.Absent == len(list) {
		_, err := fmt.Fprintf(out, "skipped: none of the %d files of testdata/public.txt is in %s\n", len(list), dir)
		return err
	}
	return errors.Join(t.Text(out, remarks), t.Faults())
}

func pairs(f *flag.FlagSet, to *map[string]string, name, usage string) {
	f.Func(name, usage, func(s string) error {
		k, v, ok := strings.Cut(s, "=")
		if !ok || k == "" {
			return fmt.Errorf("%q is not NAME=VALUE", s)
		}
		if *to == nil {
			*to = map[string]string{}
		}
		(*to)[k] = v
		return nil
	})
}

func list(f *flag.FlagSet, to *[]string, name, usage string) {
	f.Func(name, usage, func(s string) error {
		*to = append(*to, s)
		return nil
	})
}

func usage(f *flag.FlagSet) {
	fmt.Fprint(f.Output(), `Import converts files of other tools into documents of ECS, and says what became of each field:

  go run . FILE…                       the documents, then the report
  go run . -o DIR FILE…                the documents as files, then the report
  go run . -whatif FILE…               do they fit, do rollouts end, which fleet, how do they scale
  go run . -up localecs FILE…          in a simulated ECS, for the AWS CLI and the SDKs
  go run . -back FILE…                 from ECS to Kubernetes
  go run . -record -strategy binpack:memory FILE…
                                       replay what a cluster printed, as it was and with another strategy
  helm template CHART | go run . -     standard input

It recognizes by what is in them:
`)
	for _, k := range formats.Kinds() {
		fmt.Fprintf(f.Output(), "  %s\n", k)
	}
	fmt.Fprint(f.Output(), "\nFlags:\n")
	f.PrintDefaults()
}

// open reads the files; - is standard input.
func open(names []string, in io.Reader, most int64) (list []formats.File, err error) {
	for _, name := range names {
		var data []byte
		if name == "-" {
			name = "standard input"
			data, err = io.ReadAll(io.LimitReader(in, most+1))
		} else {
			data, err = readLimited(name, most)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, formats.File{Name: name, Data: data})
	}
	return list, nil
}

// beside returns a reader of files that others name. It reads what is in the folders of the given files, and
// below, and nothing else.
func beside(names []string) func(name string) ([]byte, error) {
	return func(name string) ([]byte, error) {
		for _, n := range names {
			dir := filepath.Dir(n)
			inside, err := filepath.Rel(dir, filepath.FromSlash(name))
			if n == "-" || err != nil || !filepath.IsLocal(inside) {
				continue
			}
			root, err := os.OpenRoot(dir)
			if err != nil {
				return nil, err
			}
			f, err := root.Open(inside)
			if err != nil {
				return nil, errors.Join(err, root.Close())
			}
			data, err := io.ReadAll(io.LimitReader(f, source.MostBytes+1))
			return data, errors.Join(err, f.Close(), root.Close())
		}
		return nil, fmt.Errorf("%s is in none of the folders of the given files", name)
	}
}

// readLimited reads a file up to a byte more than is read of one, which then says so.
func readLimited(name string, most int64) (data []byte, err error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	data, err = io.ReadAll(io.LimitReader(f, most+1))
	return data, errors.Join(err, f.Close())
}

// write prints the documents, or puts each into a file, and the report.
func (s *settings) write(r *document.Result, out io.Writer) error {
	if s.out == "" {
		data, err := r.JSON()
		if err != nil {
			return err
		}
		if _, err := out.Write(append(data, '\n')); err != nil {
			return err
		}
	} else if err := s.files(r); err != nil {
		return err
	}
	if s.json {
		return r.ReportJSON(out)
	}
	return r.Report(out, s.all)
}

// files writes each document into a file of its own, as the AWS command line takes it with --cli-input-json.
func (s *settings) files(r *document.Result) error {
	if err := os.MkdirAll(s.out, 0o755); err != nil {
		return err
	}
	put := func(kind, name string, v any) error {
		data, err := document.Indented(v)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(s.out, kind+"-"+document.Name(name)+".json"), data, 0o600)
	}
	var faults []error
	for _, d := range r.TaskDefinitions {
		faults = append(faults, put("task-definition", d.Family, d))
	}
	for _, x := range r.Services {
		faults = append(faults, put("service", x.ServiceName, x))
	}
	for _, x := range r.Scaling {
		name := x.Target.ResourceID[strings.LastIndexByte(x.Target.ResourceID, '/')+1:]
		faults = append(faults, put("scaling", name, x))
	}
	for _, x := range r.RunTasks {
		faults = append(faults, put("run-task", x.Input.TaskDefinition, x))
	}
	for _, x := range r.CapacityProviders {
		faults = append(faults, put("capacity-provider", x.Name, x))
	}
	for _, x := range r.Groups {
		faults = append(faults, put("auto-scaling-group", x.Name, x))
	}
	for _, x := range r.TargetGroups {
		faults = append(faults, put("target-group", x.Name, x))
	}
	return errors.Join(faults...)
}
