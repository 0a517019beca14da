// Package compose reads Compose files, and the ecs-params of ecs-cli next to them.
//
// # Start here
//
// [Read] converts the Compose files of a project.
//
// # Model
//
// Two retired tools set the precedent, and both are modes. In the mode "services", as in Docker's own ECS
// integration, each service of the file becomes a task definition and a service, on Fargate. In the mode "task",
// as in ecs-cli, each service becomes a container of one task definition, on instances. Short forms,
// interpolation, merging and the schema are the work of the parser that Compose itself has.
//
// # Guarantees
//
//  1. Rollouts come out as whole tasks: the table of parallelism and replicas (TestRollout).
//  2. Both modes of one file validate (TestModes).
//  3. What the parser refuses is one message with file and line (TestFaults).
//  4. Nothing is read but what is given: not the environment, and no file (TestNothingElseIsRead).
//
// # Differences from ECS
//
//   - A published port that differs from the container's becomes a listener of a load balancer, and the report
//     says so; with a network interface of its own a task has no other port.
//   - include, and extends from another file, are not followed: docker compose config writes one file of all.
//   - failure_action rollback becomes the circuit breaker with rollback; order start-first asks for room above
//     the desired count, and stop-first for none.
//
// Sources: the Compose specification; docker-archive/compose-cli, ecs; aws/amazon-ecs-cli, compose.
//
// # Example
//
// See the example of Read.
package compose

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// project is a Compose project under conversion.
type project struct {
	given  document.Given
	name   string
	v      *source.Value // the file in its long form
	params *source.Value // ecs-params, or nil
	task   bool          // one task definition of all services
	result document.Result
}

// Read converts Compose files, each by itself, with the ecs-params that are given. The error says what is wrong
// with them, line by line.
func Read(list, params []*source.Value, g document.Given) (document.Result, error) {
	var r document.Result
	var faults []error
	for _, raw := range list {
		p := &project{given: g, name: projectName(raw, g), task: g.Compose == "task"}
		if len(params) > 0 {
			p.params = params[0]
			p.task = g.Compose != "services"
			r.Read = append(r.Read, params...)
		}
		v, err := long(raw, p.name, g)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		p.v = v
		p.result.Read = []*source.Value{v}
		p.read()
		faults = append(faults, v.Faults(), p.params.Faults())
		r.Add(p.result)
		params = nil
	}
	for _, orphan := range params {
		orphan.Fault("ecs-params belong to a Compose file: give it, too")
		faults = append(faults, orphan.Faults())
	}
	return r, errors.Join(faults...)
}

func projectName(v *source.Value, g document.Given) string {
	return strings.ToLower(document.Name(cmp.Or(g.Name, v.Get("name").Raw(), "project")))
}

// long returns the file in its long form, with the lines of the original.
func long(raw *source.Value, name string, g document.Given) (*source.Value, error) {
	if raw.Get("include").Has() {
		return nil, fmt.Errorf("%s:%d: include is not followed: give what docker compose config prints", raw.File(),
			raw.Get("include").Line)
	}
	services := raw.Get("services")
	for _, k := range services.Keys() {
		if e := services.Get(k).At("extends", "file"); e.Has() {
			return nil, fmt.Errorf("%s:%d: extends from another file is not followed: give what docker compose "+
				"config prints", raw.File(), e.Line)
		}
	}
	config, ok := numbers(raw.Plain()).(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s:%d: a Compose file is a map", raw.File(), raw.Line)
	}
	delete(config, "version") // nobody looks at it any more
	details := types.ConfigDetails{WorkingDir: "/", Environment: types.Mapping{},
		ConfigFiles: []types.ConfigFile{{Filename: raw.File(), Config: config}}}
	for k, v := range g.Variables { //order:any of a map into a map
		details.Environment[k] = v
	}
	model, err := loader.LoadModelWithContext(context.Background(), details, func(o *loader.Options) {
		o.SetProjectName(name, true)
		o.SkipNormalization, o.SkipResolveEnvironment, o.SkipResolveLabels = true, true, true
		o.SkipDefaultValues, o.SkipInclude, o.SkipConsistencyCheck = true, true, true
		o.ResolvePaths = false
		o.Interpolate.Substitute = func(text string, m template.Mapping) (string, error) {
			return template.SubstituteWithOptions(text, m, template.WithoutLogging)
		}
	})
	if err != nil {
		return nil, placed(raw, err)
	}
	if v := raw.Get("version"); v.Has() {
		model["version"] = v.Raw()
	}
	return variables(source.Grow(raw, model), raw, g), nil
}

// numbers writes json.Number as the parser of Compose has numbers.
func numbers(x any) any {
	switch x := x.(type) {
	case map[string]any:
		for k, m := range x { //order:any each member by itself
			x[k] = numbers(m)
		}
	case []any:
		for i := range x {
			x[i] = numbers(x[i])
		}
	case json.Number:
		if n, err := x.Int64(); err == nil {
			return int(n)
		}
		if f, err := x.Float64(); err == nil {
			return f
		}
		return x.String()
	}
	return x
}

// where finds the path of a field in a message of the parser.
var where = regexp.MustCompile(`(services|volumes|networks|secrets|configs)(\.[\w-]+|\[[^\]]*\])+`)

// placed writes an error of the parser with file and line.
func placed(raw *source.Value, err error) error {
	text := strings.Join(strings.Fields(err.Error()), " ")
	text = strings.ReplaceAll(text, " false schema", ": Compose has no such field")
	at := raw
	if path := where.FindString(text); path != "" {
		var b strings.Builder
		for i, part := range strings.Split(path, ".") {
			if strings.Trim(part, "0123456789") == "" {
				b.WriteString("[" + part + "]")
				continue
			}
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(part)
		}
		at = raw.Find(strings.ReplaceAll(b.String(), `"`, ""))
	} else {
		for _, s := range regexp.MustCompile(`"([^"]+)"`).FindAllStringSubmatch(text, 3) {
			if found := raw.Get("services").Get(s[1]); found != nil {
				at = found
			}
		}
	}
	return fmt.Errorf("%s:%d: %s", raw.File(), at.Line, strings.TrimPrefix(text, "validating "+raw.File()+": "))
}

// variable finds ${NAME} and $NAME without a default.
var variable = regexp.MustCompile(`\$\$|\$\{([A-Za-z_]\w*)\}|\$([A-Za-z_]\w*)`)

// variables says where a variable was asked for that nobody gave, which Compose takes for nothing.
func variables(v, raw *source.Value, g document.Given) *source.Value {
	raw.Visit(func(x *source.Value) {
		for _, m := range variable.FindAllStringSubmatch(x.Raw(), -1) {
			name := m[1] + m[2]
			if _, ok := g.Variables[name]; name != "" && !ok {
				v.Find(x.Path()).Remark(source.Needs, "the variable %s, with -set %s=VALUE: it is taken for nothing",
					name, name)
			}
		}
	})
	return v
}

func (p *project) read() {
	for _, k := range p.v.Keys() {
		x := p.v.Get(k)
		switch {
		case k == "name" || k == "services":
			x.Remark(source.Kept, "")
		case k == "version":
			x.Translate("Compose does not look at it any more")
		case k == "volumes" || k == "secrets" || k == "x-aws-vpc" || k == "x-aws-cluster" || k == "x-aws-loadbalancer":
		case k == "networks":
			x.Translate("tasks reach each other by security groups and Service Connect")
		case k == "configs":
			x.Lose("ECS makes no files of it: put them into the image, or into Amazon EFS")
		case k == "x-aws-cloudformation":
			x.Lose("it is laid over a template that is not made here")
		default:
			x.Lose("an extension, of whatever reads it")
		}
	}
	p.v.Get("name").Keep()
	p.v.Get("x-aws-vpc").Need("the subnets of the VPC, with -subnet")
	p.v.Get("x-aws-loadbalancer").Need("the ARN of a target group of this load balancer, with -target-group")
	if c := p.v.Get("x-aws-cluster"); c.String() != "" && p.given.Cluster == "" {
		p.given.Cluster = document.Name(c.Raw()[strings.LastIndexByte(c.Raw(), '/')+1:])
	}
	services := p.v.Get("services")
	if p.task {
		p.one(services)
	} else {
		for _, k := range services.Map() {
			p.service(services.Get(k), k)
		}
	}
	p.leftovers()
}

// leftovers says of volumes and secrets what they became.
func (p *project) leftovers() {
	for _, k := range p.v.Get("volumes").Keys() {
		x := p.v.Get("volumes").Get(k)
		if x.Has() {
			x.Translate("see the services that mount it")
		}
	}
	for _, k := range p.v.Get("secrets").Keys() {
		p.v.Get("secrets").Get(k).Need("put it into Secrets Manager; its ARN belongs into secrets of the containers " +
			"that name it")
	}
}

// pairs reads a list of NAME=VALUE, or a map. A name without a value is taken from the variables that are given.
func pairs(v *source.Value, g document.Given) (list []ecs.KeyValuePair) {
	add := func(x *source.Value, name, value string, has bool) {
		if name == "" {
			return
		}
		if !has {
			if value, has = g.Variables[name]; !has {
				x.Need("the value of %s, with -set %s=VALUE: Compose takes it from the environment", name, name)
				return
			}
		}
		list = append(list, ecs.KeyValuePair{Name: name, Value: value})
	}
	if v.Is(source.Map) {
		for _, k := range v.Keys() {
			x := v.Get(k)
			if x.Is(source.Map) || x.Is(source.List) {
				x.Fault("a variable has a text, not %s", x.Kind)
				continue
			}
			x.Keep()
			add(x, k, x.Raw(), x.Has())
		}
		return list
	}
	for _, x := range v.Items() {
		name, value, has := strings.Cut(x.String(), "=")
		add(x, name, value, has)
	}
	return list
}

// volumeName returns the name that a volume has in a definition, declaring it there if it is new.
func volumeName(d *ecs.TaskDefinition, vol ecs.Volume) string {
	vol.Name = document.Name(vol.Name)
	if !slices.ContainsFunc(d.Volumes, func(o ecs.Volume) bool { return o.Name == vol.Name }) {
		d.Volumes = append(d.Volumes, vol)
	}
	return vol.Name
}
