package control

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
)

// A State comes from a file that somebody may have damaged, or written: before a plane is made of
// a document, everything in it is looked over.

// wrong returns what makes a document the state of no plane, each fault with its path; nil if
// nothing does. What Check finds is not part of it.
func (d *document) wrong() error {
	var faults ecs.ErrorList
	bad := func(path, format string, args ...any) {
		faults = append(faults, ecs.Fault(ecs.SerializationException, path, fmt.Sprintf(format, args...)))
	}
	lookOver(reflect.ValueOf(d).Elem(), "", bad)
	if d.Registry == nil {
		bad("registry", "it is null.")
	}
	if d.Config.TasksPerService < 0 {
		bad("config.tasksPerService", "%d is negative.", d.Config.TasksPerService)
	}
	if err := faults.Err(); err != nil {
		return err
	}
	d.definitions(bad)
	d.names(bad)
	return faults.Err()
}

// lookOver finds what no value of a state is, whatever it stands for: null in a list, a negative
// duration, and a word that is none of its enumeration's.
func lookOver(v reflect.Value, path string, bad complaint) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			lookOver(v.Elem(), path, bad)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				lookOver(v.Field(i), member(path, f), bad)
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			at := fmt.Sprintf("%s[%d]", path, i)
			if e := v.Index(i); e.Kind() == reflect.Pointer && e.IsNil() {
				bad(at, "it is null.")
			} else {
				lookOver(e, at, bad)
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); { //order:any the faults are sorted
			lookOver(it.Value(), fmt.Sprintf("%s[%q]", path, it.Key()), bad)
		}
	case reflect.Int64:
		if d, ok := v.Interface().(time.Duration); ok && d < 0 {
			bad(path, "%v is negative.", d)
		}
	case reflect.String:
		word, ok := v.Interface().(interface{ Valid() bool })
		if ok && v.Len() > 0 && !word.Valid() || ecs.Unlisted(v.Interface(), v.String()) {
			bad(path, "%q is not a %s.", v, v.Type().Name())
		}
	}
}

// member is the path of a struct's member: that of the struct, if it is embedded.
func member(path string, f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	switch {
	case f.Anonymous:
		return path
	case name == "":
		name = f.Name
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

type complaint func(path, format string, args ...any)

// definitions looks task definitions over, which the registry has read by itself.
func (d *document) definitions(bad complaint) {
	for _, family := range d.Registry.Families("", ecs.TaskDefinitionFamilyStatusAll) {
		for _, revision := range d.Registry.Revisions(family) {
			path := fmt.Sprintf("registry.families[%q].revisions[%d]", family, revision.Revision)
			lookOver(reflect.ValueOf(revision), path, bad)
			if same, err := d.Registry.Resolve(revision.TaskDefinitionArn); err != nil || same.Family != family ||
				same.Revision != revision.Revision {
				bad(path+".taskDefinitionArn", "%q does not name it.", revision.TaskDefinitionArn)
			}
		}
	}
}

// names finds names that are missing or stand for two, and what is named and not there.
func (d *document) names(bad complaint) {
	once := unique{bad: bad, seen: map[string]string{}}
	groups := map[string]bool{}
	for i, g := range d.Groups {
		once.add("target group", g.Group.Name(), fmt.Sprintf("targetGroups[%d]", i))
		groups[g.Group.Name()] = true
	}
	for i, p := range d.Providers {
		once.add("capacity provider", p.Record.Name, fmt.Sprintf("capacityProviders[%d]", i))
	}
	for i, c := range d.Clusters {
		path := fmt.Sprintf("clusters[%d]", i)
		once.add("cluster", c.Record.ClusterName, path)
		for k, in := range c.Instances {
			once.add("container instance", string(in.Record.ID()), fmt.Sprintf("%s.containerInstances[%d]", path, k))
		}
		for k, s := range c.Services {
			once.add("service", c.Record.ClusterName+"/"+s.Record.ServiceName, fmt.Sprintf("%s.services[%d]", path, k))
			wrongService(s, fmt.Sprintf("%s.services[%d]", path, k), bad)
			d.defined(s, fmt.Sprintf("%s.services[%d].service.taskDefinition", path, k), bad)
		}
		for k, t := range c.Tasks {
			at := fmt.Sprintf("%s.tasks[%d]", path, k)
			once.add("task", string(t.ID), at)
			for n, target := range t.Targets {
				if !groups[target.Group] {
					bad(fmt.Sprintf("%s.targets[%d]", at, n), "there is no target group %q.", target.Group)
				}
			}
		}
	}
}

// defined finds a service whose deployments would start tasks of a definition that is not registered.
// Those of an EXTERNAL service have task definitions of their own.
func (d *document) defined(s *services.Service, path string, bad complaint) {
	if s.Record.TaskDefinition == "" && services.External(s.Record) {
		return
	}
	if _, err := d.Registry.Resolve(s.Record.TaskDefinition); err != nil {
		bad(path, "%q is not a registered task definition.", s.Record.TaskDefinition)
	}
}

// unique finds names that stand for two things of a kind.
type unique struct {
	bad  complaint
	seen map[string]string
}

func (u unique) add(kind, name, path string) {
	key := kind + " " + name
	if other, ok := u.seen[key]; ok {
		u.bad(path, "%s is %s too.", other, key)
	}
	if name == "" || strings.HasSuffix(name, "/") {
		u.bad(path, "it has no name.")
	}
	u.seen[key] = path
}

// wrongService finds what a service cannot be.
func wrongService(s *services.Service, path string, bad complaint) {
	if s.Record.DesiredCount < 0 {
		bad(path+".service.desiredCount", "%d is negative.", s.Record.DesiredCount)
	}
}
