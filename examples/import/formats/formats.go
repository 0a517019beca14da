// Package formats recognizes what a file is, and hands it to the package that reads it.
//
// # Start here
//
// [Read] converts files, whatever they are.
//
// # Model
//
// A file is recognized by what is in it, not by its name: each format has members that no other one has.
// Files that belong together are read together: the manifests of Kubernetes, and a Compose file with its
// ecs-params.
//
// # Guarantees
//
//  1. Same input, same bytes out (TestSameBytes).
//  2. A document that is none of the known kinds is one message, with file and line (TestUnknown).
//  3. No input makes it panic or takes memory by the size of a number (FuzzRead).
//
// # Differences from ECS
//
// None of its own: see the packages of the formats.
//
// # Example
//
// See the example of Read.
package formats

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/examples/import/cloudformation"
	"github.com/bayplan/bayplan/examples/import/compose"
	"github.com/bayplan/bayplan/examples/import/copilot"
	"github.com/bayplan/bayplan/examples/import/dockerrun"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/ecspresso"
	"github.com/bayplan/bayplan/examples/import/eks"
	"github.com/bayplan/bayplan/examples/import/kubernetes"
	"github.com/bayplan/bayplan/examples/import/native"
	"github.com/bayplan/bayplan/examples/import/source"
)

// File is a file by its name and content.
type File struct {
	Name string
	Data []byte
}

// Kind is a format.
type Kind string

// The formats.
const (
	Unknown        Kind = ""
	Dockerrun      Kind = "Dockerrun.aws.json of Elastic Beanstalk"
	Copilot        Kind = "a manifest of AWS Copilot"
	Compose        Kind = "a Compose file"
	Params         Kind = "ecs-params of ecs-cli"
	Kubernetes     Kind = "a manifest of Kubernetes"
	EKS            Kind = "node groups or Fargate profiles of Amazon EKS"
	CloudFormation Kind = "a template of CloudFormation"
	Ecspresso      Kind = "a configuration of ecspresso"
	Native         Kind = "a document of ECS"
)

// Kinds returns every format, for messages.
func Kinds() []Kind {
	return []Kind{Dockerrun, Copilot, Compose, Params, Kubernetes, EKS, CloudFormation, Ecspresso, Native}
}

// Recognize returns what a document is.
func Recognize(v *source.Value) Kind {
	if v.Is(source.List) {
		for _, x := range v.Items() {
			if x.Get("name").Has() && x.Get("image").Has() {
				return Native
			}
		}
		return Unknown
	}
	for _, test := range []struct {
		kind Kind
		is   bool
	}{
		{Dockerrun, v.Get("AWSEBDockerrunVersion").Has()},
		{EKS, isEKS(v)},
		{Kubernetes, v.Get("apiVersion").Has() && v.Get("kind").Has()},
		{CloudFormation, v.Get("Resources").Is(source.Map) || v.Get("ContainerDefinitions").Has()},
		{Ecspresso, v.Get("task_definition").Is(source.Text) && !v.Get("services").Has()},
		{Params, v.Get("run_params").Is(source.Map) || v.Get("task_definition").Is(source.Map)},
		{Native, isNative(v)},
		{Compose, v.Get("services").Is(source.Map)},
		{Copilot, v.Get("type").Is(source.Text) && (v.Get("name").Has() || v.Get("image").Has())},
	} {
		if test.is {
			return test.kind
		}
	}
	return Unknown
}

func isEKS(v *source.Value) bool {
	return v.Get("nodegroup").Is(source.Map) || v.Get("fargateProfile").Is(source.Map) ||
		strings.HasPrefix(v.Get("apiVersion").Raw(), "eksctl.io/")
}

func isNative(v *source.Value) bool {
	if v.Get("containerDefinitions").Is(source.List) || v.Get("taskDefinition").Is(source.Map) ||
		v.Get("services").Is(source.List) || v.Get("service").Is(source.Map) {
		return true
	}
	for _, k := range []string{"serviceName", "deploymentConfiguration", "launchType", "loadBalancers",
		"networkConfiguration", "schedulingStrategy"} {
		if v.Get(k).Has() {
			return true
		}
	}
	return false
}

// Read converts files. Documents that hold nothing are passed over. The result has what could be converted
// even where an error says what could not.
func Read(files []File, g document.Given) (document.Result, error) {
	var r document.Result
	var faults []error
	groups := documents{}
	for _, f := range files {
		list, err := parse(f, g)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		for _, v := range list {
			kind := Recognize(v)
			if kind == Unknown {
				faults = append(faults, unknown(v))
				continue
			}
			groups[kind] = append(groups[kind], v)
		}
	}
	if len(groups[Compose]) == 0 && len(groups[Params]) > 0 {
		faults = append(faults, fmt.Errorf("%s:1: ecs-params belong to a Compose file: give it, too",
			groups[Params][0].File()))
	}
	for _, kind := range Kinds() {
		if list := groups[kind]; len(list) > 0 && kind != Params {
			one, err := readers[kind](list, groups, g)
			r.Add(one)
			faults = append(faults, err)
		}
	}
	native.Join(&r)
	return r, errors.Join(faults...)
}

// parse reads the documents of a file. Braces in a manifest or in a Compose file are text; in a document of ECS
// they are functions of ecspresso.
func parse(f File, g document.Given) ([]*source.Value, error) {
	list, err := source.Parse(f.Name, f.Data)
	if !ecspresso.IsTemplate(f.Data) || len(f.Data) > source.MostBytes || err == nil && !rendered(list) {
		return list, err
	}
	if at := helm.FindIndex(f.Data); at != nil {
		return nil, fmt.Errorf("%s:%d: this is a template of Helm: give what helm template prints", f.Name,
			1+bytes.Count(f.Data[:at[0]], []byte("\n")))
	}
	data, err := ecspresso.Render(f.Name, f.Data, g.Variables)
	if err != nil {
		return nil, err
	}
	list, err = source.Parse(f.Name, data)
	for _, v := range list {
		ecspresso.Mark(v)
	}
	return list, err
}

// rendered reports whether a document is of a format that is rendered before it is read.
func rendered(list []*source.Value) bool {
	return slices.ContainsFunc(list, func(v *source.Value) bool {
		k := Recognize(v)
		return k == Native || k == Ecspresso || k == Unknown
	})
}

// helm finds an action of a template of Helm.
var helm = regexp.MustCompile(`\{\{-?\s*(\.Values|\.Release|\.Chart|include|template|toYaml|(if|with|range)\s+\.)`)

func unknown(v *source.Value) error {
	what := "a list"
	if v.Is(source.Map) {
		what = "a map of " + strings.Join(v.Keys()[:min(len(v.Keys()), 5)], ", ")
	}
	var known []string
	for _, k := range Kinds() {
		known = append(known, string(k))
	}
	return fmt.Errorf("%s:%d: this is %s: it is not %s", v.File(), v.Line, what, strings.Join(known, ", nor "))
}

// documents are what was recognized, by kind.
type documents map[Kind][]*source.Value

// reader converts the documents of one kind, with a look at the others.
type reader func(list []*source.Value, all documents, g document.Given) (document.Result, error)

// readers are the packages of the formats.
var readers = map[Kind]reader{
	Dockerrun: each(func(v *source.Value, g document.Given) (document.Result, error) {
		return dockerrun.Read(v, named(v, g))
	}),
	Copilot: each(copilot.Read),
	Compose: func(list []*source.Value, all documents, g document.Given) (document.Result, error) {
		return compose.Read(list, all[Params], named(list[0], g))
	},
	Kubernetes: func(list []*source.Value, _ documents, g document.Given) (document.Result, error) {
		return kubernetes.Read(list, g)
	},
	CloudFormation: each(func(v *source.Value, g document.Given) (document.Result, error) {
		return cloudformation.Read(v, named(v, g))
	}),
	Ecspresso: each(ecspresso.Read),
	EKS:       each(eks.Read),
	Native: each(func(v *source.Value, g document.Given) (document.Result, error) {
		return native.Read(v,
			named(v, g))
	}),
}

// each reads documents one by one.
func each(read func(*source.Value, document.Given) (document.Result, error)) reader {
	return func(list []*source.Value, _ documents, g document.Given) (document.Result, error) {
		var r document.Result
		var faults []error
		for _, v := range list {
			one, err := read(v, g)
			r.Add(one)
			faults = append(faults, err)
		}
		return r, errors.Join(faults...)
	}
}

// named gives what has no name of its own the name of its folder, else of its file.
func named(v *source.Value, g document.Given) document.Given {
	if g.Name == "" {
		file := strings.ReplaceAll(v.File(), "\\", "/")
		dir := path.Base(path.Dir(file))
		base, _, _ := strings.Cut(path.Base(file), ".")
		if slices.Contains([]string{".", "/", ""}, dir) {
			dir = ""
		}
		g.Name = document.Name(cmp.Or(dir, base))
	}
	return g
}
