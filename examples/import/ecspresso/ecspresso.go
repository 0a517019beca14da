// Package ecspresso reads the configuration of ecspresso, and renders the templates in its files.
//
// # Start here
//
// [Render] computes the functions in a file, before anything reads it. [Read] converts a configuration, with the
// definition files that it names.
//
// # Model
//
// ecspresso's definitions are ECS's own documents with functions in double braces: env and must_env read
// variables, others read Terraform's state, CloudFormation and Parameter Store. Here the variables are those that
// are given, and what a function reads elsewhere is a placeholder with a line in the report.
//
// # Guarantees
//
//  1. A template sees the given variables and nothing else, and ends: loops and templates in templates are
//     refused (TestRender).
//  2. Files that the configuration names are found next to it (TestRead).
//
// # Differences from ECS
//
// None: the documents are ECS's own. Jsonnet is not read: give what jsonnet prints.
//
// Source: kayac/ecspresso, README.
//
// # Example
//
// See the example of Render.
package ecspresso

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"strings"
	"text/template"
	"text/template/parse"

	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/native"
	"github.com/bayplan/bayplan/examples/import/source"
)

// Placeholder begins every value that a function would have read elsewhere.
const Placeholder = "needs-value-of-"

// IsTemplate reports whether a file has functions to render.
func IsTemplate(data []byte) bool { return bytes.Contains(data, []byte("{{")) }

// called finds the names of functions in double braces.
var called = regexp.MustCompile(`\{\{[^{}]*\}\}`)

// words finds names and fields in an action, texts left out.
var words = regexp.MustCompile("`[^`]*`|\"(?:[^\"\\\\]|\\\\.)*\"|[.\\w]+")

// identifier is the name of a function that ecspresso may have.
var identifier = regexp.MustCompile(`^[a-z]\w*$`)

// builtin are the functions of templates themselves.
var builtin = map[string]bool{"and": true, "or": true, "not": true,
	"eq": true, "ne": true, "lt": true, "le": true, "gt": true, "ge": true,
	"print": true, "printf": true, "println": true, "len": true, "index": true,
	"slice": true, "if": true, "else": true, "end": true, "with": true,
	"nil": true, "true": true, "false": true, "urlquery": true, "html": true, "js": true}

// Render computes the functions in a file. The error begins with FILE:LINE.
func Render(file string, data []byte, variables map[string]string) ([]byte, error) {
	if len(data) > source.MostBytes {
		return data, nil // the reader says so
	}
	funcs := functions(variables)
	for _, action := range called.FindAll(data, -1) {
		for _, w := range words.FindAll(action, -1) {
			name := string(w)
			if _, known := funcs[name]; !known && !builtin[name] && identifier.MatchString(name) {
				funcs[name] = func(arguments ...any) string {
					text := fmt.Sprintln(append([]any{name}, arguments...)...)
					return Placeholder + document.Name(strings.TrimSpace(text))
				}
			}
		}
	}
	t, err := template.New("").Funcs(funcs).Option("missingkey=error").Parse(string(data))
	if err != nil {
		return nil, placed(file, err)
	}
	if err := straight(file, t); err != nil {
		return nil, err
	}
	out := &limited{}
	if err := t.Execute(out, nil); err != nil {
		return nil, placed(file, err)
	}
	return out.Bytes(), nil
}

// functions are those of ecspresso that need nothing but variables.
func functions(variables map[string]string) template.FuncMap {
	return template.FuncMap{
		"env": func(name string, def ...string) string {
			if v, ok := variables[name]; ok {
				return v
			}
			return strings.Join(def[:min(len(def), 1)], "")
		},
		"must_env": func(name string) string {
			if v, ok := variables[name]; ok {
				return v
			}
			return Placeholder + document.Name(name)
		},
		"json_escape": func(s string) (string, error) {
			data, err := json.Marshal(s)
			return strings.Trim(string(data), `"`), err
		},
	}
}

// limited is a buffer of bounded size.
type limited struct{ bytes.Buffer }

func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > source.MostBytes {
		return 0, fmt.Errorf("the template comes to more than %d bytes", source.MostBytes)
	}
	return l.Buffer.Write(p)
}

// straight refuses what may go on without end.
func straight(file string, t *template.Template) error {
	if len(t.Templates()) > 1 {
		return fmt.Errorf("%s:1: a template within the template is not rendered", file)
	}
	if t.Tree == nil {
		return nil
	}
	return check(file, t.Tree, t.Root)
}

func check(file string, tree *parse.Tree, n parse.Node) error {
	switch n := n.(type) {
	case *parse.ListNode:
		if n == nil {
			return nil
		}
		for _, x := range n.Nodes {
			if err := check(file, tree, x); err != nil {
				return err
			}
		}
	case *parse.IfNode:
		return errors.Join(check(file, tree, n.List), check(file, tree, n.ElseList))
	case *parse.WithNode:
		return errors.Join(check(file, tree, n.List), check(file, tree, n.ElseList))
	case *parse.RangeNode, *parse.TemplateNode:
		where, _ := tree.ErrorContext(n)
		return placed(file, errors.New("template: "+where+": loops and templates within the template are not rendered"))
	}
	return nil
}

// at finds the line in an error of the template package.
var at = regexp.MustCompile(`^template: :(\d+)(?::\d+)?:`)

func placed(file string, err error) error {
	text, line := err.Error(), "1"
	if m := at.FindStringSubmatch(text); m != nil {
		line, text = m[1], strings.TrimSpace(text[len(m[0]):])
	}
	return fmt.Errorf("%s:%s: %s", file, line, text)
}

// Mark says of each value that holds a placeholder what is missing.
func Mark(v *source.Value) {
	v.Visit(func(x *source.Value) {
		if _, after, ok := strings.Cut(x.Raw(), Placeholder); ok {
			x.Remark(source.Needs, "the value of %s: -set gives variables; what is read elsewhere must be written in",
				strings.Trim(after, "-"))
		}
	})
}

// Read converts a configuration with the files that it names.
func Read(v *source.Value, g document.Given) (document.Result, error) {
	r := document.Result{Read: []*source.Value{v}}
	var faults []error
	if c := v.Get("cluster"); g.Cluster == "" {
		g.Cluster = c.Or("default")
	}
	if x := v.Get("region"); g.Region == "" {
		g.Region = x.String()
	}
	v.Get("cluster").Keep()
	v.Get("region").Keep()
	name := v.Get("service").String()
	for _, k := range []string{"task_definition", "service_definition"} {
		if x := v.Get(k); x.String() != "" {
			faults = append(faults, definition(x, g, &r))
		}
	}
	for i := range r.Services {
		if name != "" {
			r.Services[i].ServiceName = name
		}
		r.Services[i].Cluster = g.Cluster
	}
	for _, k := range []string{"timeout", "required_version", "filter_command", "ignore"} {
		v.Get(k).Translate("it says how ecspresso works")
	}
	v.Get("plugins").Need("the values that its functions read: write them into the files")
	for _, k := range []string{"appspec", "codedeploy"} {
		v.Get(k).Approximate("a deployment controller of type CODE_DEPLOY; make its application and its group by hand")
	}
	native.Join(&r)
	return r, errors.Join(append(faults, v.Faults())...)
}

// definition reads a file that the configuration names.
func definition(x *source.Value, g document.Given, r *document.Result) error {
	name := path.Join(path.Dir(strings.ReplaceAll(x.File(), "\\", "/")), x.Raw())
	if strings.HasSuffix(name, ".jsonnet") {
		x.Need("Jsonnet is not read: give what jsonnet prints")
		return nil
	}
	if g.File == nil {
		x.Need("the file %s: give it, too", name)
		return nil
	}
	data, err := g.File(name)
	if err != nil {
		x.Need("the file %s cannot be read: give it, too", name)
		return nil
	}
	if data, err = Render(name, data, g.Variables); err != nil {
		return err
	}
	list, err := source.Parse(name, data)
	if err != nil {
		return err
	}
	var faults []error
	for _, v := range list {
		Mark(v)
		g.Name = strings.TrimSuffix(path.Base(name), path.Ext(name))
		one, err := native.Read(v, g)
		r.Add(one)
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}
