package control

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
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
	look := lookOver{bad: bad}
	look.at(reflect.ValueOf(d).Elem())
	if d.Registry == nil {
		bad("registry", "it is null.")
	}
	if d.Config.TasksPerService < 0 {
		bad("config.tasksPerService", "%d is negative.", d.Config.TasksPerService)
	}
	if err := faults.Err(); err != nil {
		return err
	}
	d.definitions(&look, bad)
	d.names(bad)
	return faults.Err()
}

type complaint func(path, format string, args ...any)

// definitions looks task definitions over, which the registry has read by itself.
func (d *document) definitions(look *lookOver, bad complaint) {
	for _, family := range d.Registry.Families("", ecs.TaskDefinitionFamilyStatusAll) {
		for _, revision := range d.Registry.Revisions(family) {
			path := fmt.Sprintf("registry.families[%q].revisions[%d]", family, revision.Revision)
			look.under(path, reflect.ValueOf(&revision).Elem())
			if same, err := d.Registry.Resolve(revision.TaskDefinitionArn); err != nil || same.Family != family ||
				same.Revision != revision.Revision {
				bad(path+".taskDefinitionArn", "%q does not name it.", revision.TaskDefinitionArn)
			}
		}
	}
}

// names finds names that are missing or stand for two, and what is named and not there.
func (d *document) names(bad complaint) {
	once := unique{bad: bad, seen: map[thing]place{}}
	groups := d.groupNames()
	for i, g := range d.Groups {
		once.add("target group", g.Group.Name(), place{"targetGroups[%[2]d]", 0, i})
	}
	for i, p := range d.Providers {
		once.add("capacity provider", p.Record.Name, place{"capacityProviders[%[2]d]", 0, i})
	}
	for i, c := range d.Clusters {
		once.add("cluster", c.Record.ClusterName, place{"clusters[%[2]d]", 0, i})
		for k, in := range c.Instances {
			once.add("container instance", string(in.Record.ID()), place{"clusters[%d].containerInstances[%d]", i, k})
		}
		for k, s := range c.Services {
			at := place{"clusters[%d].services[%d]", i, k}
			once.add("service", c.Record.ClusterName+"/"+s.Record.ServiceName, at)
			wrongService(s, at.String(), bad)
			d.defined(s, at.String()+".service.taskDefinition", bad)
		}
		for k, t := range c.Tasks {
			at := place{"clusters[%d].tasks[%d]", i, k}
			once.add("task", string(t.ID), at)
			wrongTargets(t, at, groups, bad)
		}
	}
}

func (d *document) groupNames() map[string]bool {
	names := map[string]bool{}
	for _, g := range d.Groups {
		names[g.Group.Name()] = true
	}
	return names
}

// wrongTargets finds targets of groups that there are not.
func wrongTargets(t *written.Task, at place, groups map[string]bool, bad complaint) {
	for n, target := range t.Targets {
		if !groups[target.Group] {
			bad(fmt.Sprintf("%s.targets[%d]", at, n), "there is no target group %q.", target.Group)
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
	seen map[thing]place
}

// thing is what has a name.
type thing struct{ kind, name string }

// place is where in a document something is; its text is made when a fault needs it.
type place struct {
	path    string // a format
	cluster int
	index   int
}

func (p place) String() string { return fmt.Sprintf(p.path, p.cluster, p.index) }

func (u unique) add(kind, name string, at place) {
	key := thing{kind, name}
	if other, ok := u.seen[key]; ok {
		u.bad(at.String(), "%s is %s %s too.", other, kind, name)
	}
	if name == "" || strings.HasSuffix(name, "/") {
		u.bad(at.String(), "it has no name.")
	}
	u.seen[key] = at
}

// wrongService finds what a service cannot be.
func wrongService(s *services.Service, path string, bad complaint) {
	if s.Record.DesiredCount < 0 {
		bad(path+".service.desiredCount", "%d is negative.", s.Record.DesiredCount)
	}
}
