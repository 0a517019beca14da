package native

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// Read converts a document: a task definition, flat or wrapped; a service, flat, wrapped in "service" or listed
// in "services"; or container definitions alone.
func Read(v *source.Value, g document.Given) (document.Result, error) {
	r := document.Result{Read: []*source.Value{v}}
	switch {
	case v.Is(source.List):
		d := TaskDefinition(v, map[string]any{"family": g.Name, "containerDefinitions": v.Plain()},
			"containerDefinitions")
		d.Family = document.Name(g.Name)
		v.Remark(source.Needs, "container definitions alone have no family: it is %q, the name that was given",
			d.Family)
		r.TaskDefinitions = append(r.TaskDefinitions, d)
	case v.Get("services").Has():
		for _, s := range v.Get("services").Items() {
			r.Services = append(r.Services, Described(s))
		}
		v.Get("failures").Lose("what the call could not describe is not part of a service")
	case v.Get("service").Is(source.Map):
		r.Services = append(r.Services, Described(v.Get("service")))
	case v.Get("taskDefinition").Is(source.Map):
		inner := v.Get("taskDefinition")
		inner.Remark(source.Translated, "the object around it is left out: RegisterTaskDefinition takes what is in it")
		d := TaskDefinition(inner, inner.Plain(), "")
		if tags := v.Get("tags"); tags.Has() && d.Tags == nil {
			d.Tags = readTags(tags)
		}
		r.TaskDefinitions = append(r.TaskDefinitions, d)
	case v.Get("containerDefinitions").Has():
		r.TaskDefinitions = append(r.TaskDefinitions, TaskDefinition(v, v.Plain(), ""))
	default:
		r.Services = append(r.Services, Service(v, v.Plain()))
	}
	named(&r, v, g)
	Join(&r)
	judge(&r, v)
	return r, v.Faults()
}

// noDefinition stands for the task definition of a service that names none.
const noDefinition = "needs-a-task-definition"

// named gives what the file leaves open a name.
func named(r *document.Result, v *source.Value, g document.Given) {
	for i := range r.TaskDefinitions {
		if d := &r.TaskDefinitions[i]; d.Family == "" {
			d.Family = document.Name(g.Name)
			v.Remark(source.Needs, "a family: it is %q, the name that was given", d.Family)
		}
	}
	for i := range r.Services {
		s := &r.Services[i]
		if s.ServiceName == "" {
			s.ServiceName = document.Name(g.Name)
			v.Remark(source.Needs, "serviceName: it is %q, the name that was given", s.ServiceName)
		}
		if s.TaskDefinition == "" && len(r.TaskDefinitions) == 0 {
			s.TaskDefinition = noDefinition
			v.Remark(source.Needs, "the task definition of the service")
		}
		if s.DesiredCount.IsZero() && s.SchedulingStrategy != ecs.SchedulingStrategyDaemon {
			s.DesiredCount = ecs.Some(1)
			v.Remark(source.Needs, "desiredCount: a new service needs one; it is 1")
		}
	}
}

// judge makes the faults of what is ECS's own already faults of the file.
func judge(r *document.Result, v *source.Value) {
	if len(r.TaskDefinitions)+len(r.Services) != 1 {
		return
	}
	var faults error
	inner := v
	for _, d := range r.TaskDefinitions {
		faults = d.Validate()
		if x := v.Get("taskDefinition"); x.Is(source.Map) {
			inner = x
		}
	}
	for _, s := range r.Services {
		faults = s.Validate()
		for _, x := range []*source.Value{v.Get("service"), v.Get("services").Find("[0]")} {
			if x.Is(source.Map) {
				inner = x
			}
		}
	}
	for e := range ecs.Errors(faults) {
		inner.Find(e.Field).Fault("%s: %s: %s", e.Field, e.Code, e.Message)
	}
}

func readTags(v *source.Value) (tags []ecs.Tag) {
	for _, t := range v.Items() {
		tags = append(tags, ecs.Tag{Key: t.Get("key").String(), Value: t.Get("value").String()})
	}
	return tags
}

// TaskDefinition reads a task definition from plain values that stand for a tree, prefix cut off their paths.
func TaskDefinition(v *source.Value, plain any, prefix string) ecs.TaskDefinition {
	v.Keep()
	plain = present(plain)
	var d ecs.TaskDefinition
	refine(v, prefix, func() error {
		data, err := json.Marshal(plain)
		if err != nil {
			return err
		}
		d, err = ecs.ParseTaskDefinition(data)
		return err
	}, func(path string) { plain = without(plain, path) })
	d, _ = d.Input()
	return d
}

// Service reads a request for a service in the same way.
func Service(v *source.Value, plain any) api.CreateServiceInput {
	v.Keep()
	plain = present(plain)
	var in api.CreateServiceInput
	refine(v, "", func() error {
		data, err := json.Marshal(plain)
		if err != nil {
			return err
		}
		in, err = api.ParseInput[api.CreateServiceInput](data)
		return err
	}, func(path string) { plain = without(plain, path) })
	in.ClientToken = ""
	return in
}

// mostRounds is how often a document is read again without what was wrong with it. Each round takes away all
// faults of the one before, so that a second one suffices.
const mostRounds = 3

// refine reads a document, takes away what cannot be read, with a line in the report for each, and reads again.
func refine(v *source.Value, prefix string, parse func() error, drop func(path string)) {
	for range mostRounds {
		err := parse()
		if err == nil {
			return
		}
		again := false
		for e := range ecs.Errors(err) {
			at := v.Find(strings.TrimPrefix(strings.TrimPrefix(e.Field, prefix), "."))
			switch {
			case e.Field == "":
				v.Fault("%s", e.Message)
			case e.Code == ecs.InvalidParameterException && strings.Contains(e.Message,
				"DescribeTaskDefinition prints"):
				at.Translate("ECS adds it on registration: it is left out")
			case e.Code == ecs.SerializationException && legible(at):
				at.Translate("read as what it means: %s", e.Message)
			default:
				at.Lose("left out: %s", e.Message)
				drop(e.Field)
				again = true
			}
		}
		if !again {
			return
		}
	}
}

// legible reports whether a scalar of the wrong type is read as what it means: a number in quotes, a text
// without them.
func legible(v *source.Value) bool {
	return v.Is(source.Number) || v.Is(source.Bool) || v.Is(source.Text) && strings.Trim(v.Raw(), "0123456789") == "" &&
		v.Raw() != ""
}

// present returns plain values without null members and without texts that nothing is in, which AWS's tools
// leave out too.
func present(x any) any {
	switch x := x.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, m := range x { //order:any of a map into a map
			if m != nil {
				out[k] = present(m)
			}
		}
		return out
	case []any:
		out := make([]any, 0, len(x))
		for _, m := range x {
			out = append(out, present(m))
		}
		return out
	}
	return x
}

// without returns plain values without the member at a path.
func without(x any, path string) any {
	if path == "" {
		return nil
	}
	switch x := x.(type) {
	case map[string]any:
		for k, m := range x { //order:any at most one key leads to the path
			if rest, ok := cut(path, k); ok {
				if rest == "" {
					delete(x, k)
				} else {
					x[k] = without(m, rest)
				}
				return x
			}
		}
	case []any:
		end := strings.IndexByte(path, ']')
		if path[0] != '[' || end < 0 {
			return x
		}
		var n json.Number = json.Number(path[1:end])
		i, err := n.Int64()
		if err != nil || i < 0 || i >= int64(len(x)) {
			return x
		}
		if rest := strings.TrimPrefix(path[end+1:], "."); rest != "" {
			x[i] = without(x[i], rest)
			return x
		}
		return slices.Delete(x, int(i), int(i)+1)
	}
	return x
}

// cut returns what follows a key in a path, and whether the path begins with the key.
func cut(path, key string) (rest string, ok bool) {
	if key == "" || !strings.HasPrefix(path, key) {
		return "", false
	}
	rest = path[len(key):]
	if rest == "" || rest[0] == '.' || rest[0] == '[' {
		return strings.TrimPrefix(rest, "."), true
	}
	return "", false
}
