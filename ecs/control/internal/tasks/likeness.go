package tasks

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/compact"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/programs"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/lifecycle"
)

// Likeness is what tasks that are alike have in common, such as those of a deployment. Nobody changes it: a task
// that becomes another kind of task gets another Likeness. It lives as long as a task has it.
type Likeness struct {
	TaskDefinitionArn string
	Overrides         *ecs.TaskOverride
	Service           string // name
	Deployment        string
	Group             string
	StartedBy         string
	LaunchType        ecs.LaunchType
	CapacityProvider  string
	PlatformVersion   string
	Network           *ecs.NetworkConfiguration
	Registry          *ecs.ServiceRegistry
	Exec              bool
	Tags              []ecs.Tag
	AwaitsRoom        bool // was started without a place
	Orphan            bool // its service is gone, and the name another's

	Definition *ecs.TaskDefinition // overrides applied
	Program    *lifecycle.Program
	Cluster    *fleet.Cluster
	Owner      Owner // nil: it belongs to no service that there is

	key     likenessKey
	arn     string           // of a task, before its ID
	tasks   int              // that have it
	targets int              // of each of them
	volume  bool             // each of them has one
	need    ecs.Resources    // what each reserves
	static  []ecs.HostPort   // that each takes
	bound   compact.Bindings // of one that was given ports
	digests []string         // of its images, by container, as told last
}

// likenessKey is what tasks are alike by.
type likenessKey struct {
	program                               programs.Key
	service, deployment, group, startedBy string
	provider, platform                    string
	rarely                                string
	exec, orphan                          bool
	cluster                               *fleet.Cluster
	owner                                 Owner
	status                                ecs.TaskDefinitionStatus // of the definition, when it was resolved
	tags                                  *ecs.Tag                 // of the definition
}

// traits says what a task's life depends on beside its definition.
func (l *Likeness) traits() lifecycle.Traits {
	return lifecycle.Traits{Role: lifecycle.RoleControlPlane, LaunchType: l.LaunchType, Service: l.Service != "",
		TargetGroups: l.targets, Discovery: l.Registry != nil, AwaitsRoom: l.AwaitsRoom, Volume: l.volume}
}

// keyOf returns what l is found by.
func (m *Room) keyOf(l *Likeness) (likenessKey, error) {
	k := likenessKey{
		program: programs.Key{Definition: l.TaskDefinitionArn, Traits: l.traits()},
		service: l.Service, deployment: l.Deployment, group: l.Group, startedBy: l.StartedBy, exec: l.Exec,
		provider: l.CapacityProvider, platform: l.PlatformVersion, orphan: l.Orphan, cluster: l.Cluster,
		owner: l.Owner, status: l.Definition.Status,
	}
	if len(l.Definition.Tags) > 0 {
		k.tags = &l.Definition.Tags[0]
	}
	var err error
	k.rarely, err = m.rarely.Of(written.Rarely{Overrides: l.Overrides, Network: l.Network, Registry: l.Registry,
		Tags: l.Tags})
	return k, err
}

// join returns the likeness that one more task has, which is l unless there is one like it. The error is that of
// a task definition that does not compile.
func (m *Room) join(l Likeness) (like *Likeness, fresh bool, err error) {
	if l.key, err = m.keyOf(&l); err != nil {
		return nil, false, err
	}
	like, ok := m.likenesses[l.key]
	if !ok {
		first := l // on the heap only here
		like = &first
		like.tasks, like.need, like.static = 0, l.Definition.Requirements(), l.Definition.StaticHostPorts()
		like.arn = m.Core.ARN("ecs", "task/"+l.Cluster.Record.ClusterName+"/")
		like.digests = make([]string, len(l.Definition.ContainerDefinitions))
		if like.Program, err = m.programs.Join(like.key.program, like.Definition); err != nil {
			return nil, false, err
		}
		m.likenesses[l.key] = like
	}
	like.tasks++
	return like, !ok, nil
}

// leave counts a task out of those that have a likeness.
func (m *Room) leave(l *Likeness) {
	if l.tasks--; l.tasks > 0 {
		return
	}
	if m.likenesses[l.key] == l {
		delete(m.likenesses, l.key)
	}
	m.programs.Leave(l.key.program)
}

// relike makes a task one of those that are like it but for a change.
func (m *Room) relike(t *Task, change func(*Likeness)) {
	next := *t.Likeness
	change(&next)
	like, _, err := m.join(next)
	if err != nil {
		panic(fmt.Sprintf("control: task %s cannot become another kind of task: %v", t.ID, err))
	}
	m.Hold(t)
	m.leave(t.Likeness)
	t.Likeness = like
}

// Retag gives a task tags.
func (m *Room) Retag(t *Task, tags []ecs.Tag) {
	if tags != nil || t.Tags != nil {
		m.relike(t, func(l *Likeness) { l.Tags = tags })
	}
}

// Orphan leaves the tasks of a service that is no longer described to themselves.
func (m *Room) Orphan(c *fleet.Cluster, of Owner) {
	for key, l := range m.likenesses { //order:any each by itself
		if l.Cluster != c || l.Owner != of {
			continue
		}
		delete(m.likenesses, key)
		if _, changed := m.before[l]; !changed && m.Keeps() {
			was := *l
			m.before[l] = &was
		}
		l.Owner, l.Orphan = nil, true
		l.key.owner, l.key.orphan = nil, true
		if _, taken := m.likenesses[l.key]; !taken { // else the two stay apart
			m.likenesses[l.key] = l
		}
	}
}
