package console

import (
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
)

// How much one frame describes and lists: the plane is lent for some milliseconds.
const (
	frameTasks, frameInstances, frameServices = 4000, 1500, 50
	frameTaskPages, frameInstancePages        = 40, 60
	sweepRows                                 = 50 // of each kind, which a frame looks at without a reason
	sweepClusters                             = mostFrames
	mostRecent                                = 60 // changes that a page has when it is opened
)

// picture is what is known of a cluster, as rows.
type picture struct {
	cluster   string
	plane     *control.Plane // whose rows these are
	now       time.Time
	shown     time.Time // now, as the last frame had it
	frames    int
	failed    int // frames in a row
	instances map[string]instanceRow
	tasks     map[string]taskRow
	services  map[string]serviceRow
	clusters  []clusterRow
	due       marks
	lists     []*list
	recent    []message.Change
	again     bool // it is another plane: the next frame is a whole one
	changed   rows
}

// rows are the rows of a frame.
type rows struct {
	instances, tasks, services map[string]bool
	clusters                   bool
}

func newPicture(cluster string) *picture {
	return &picture{cluster: cluster, instances: map[string]instanceRow{}, tasks: map[string]taskRow{},
		services: map[string]serviceRow{}, due: newMarks(), lists: lists(cluster), changed: newRows()}
}

func newRows() rows {
	return rows{instances: map[string]bool{}, tasks: map[string]bool{}, services: map[string]bool{}}
}

// list goes through the IDs of one kind, page by page.
type list struct {
	kind   func(m *marks) map[string]bool
	page   func(p *control.Plane, token string) (api.Page, error)
	pages  int // of a frame, until it has been gone through once
	token  string
	passed bool // it has been gone through once
}

// lists are the lists of a cluster. What is marked by no change is found by them.
func lists(cluster string) []*list {
	tasks := func(status ecs.DesiredStatus) func(p *control.Plane, token string) (api.Page, error) {
		return func(p *control.Plane, token string) (api.Page, error) {
			return p.ListTasks(api.ListTasksInput{Cluster: cluster, DesiredStatus: status, NextToken: token})
		}
	}
	ofTasks := func(m *marks) map[string]bool { return m.tasks }
	return []*list{
		{kind: func(m *marks) map[string]bool { return m.services }, pages: 1,
			page: func(p *control.Plane, token string) (api.Page, error) {
				return p.ListServices(api.ListServicesInput{Cluster: cluster, NextToken: token,
					MaxResults: ecs.Some(100)})
			}},
		{kind: func(m *marks) map[string]bool { return m.instances }, pages: frameInstancePages,
			page: func(p *control.Plane, token string) (api.Page, error) {
				return p.ListContainerInstances(api.ListContainerInstancesInput{Cluster: cluster, NextToken: token})
			}},
		{kind: ofTasks, pages: frameTaskPages, page: tasks(ecs.DesiredStatusRunning)},
		{kind: ofTasks, pages: frameTaskPages, page: tasks(ecs.DesiredStatusStopped)},
	}
}

// look brings the picture up to the plane, as far as one frame goes.
func (p *picture) look(plane *control.Plane, now time.Time, changes iter.Seq[message.Change]) error {
	if p.plane != plane {
		frames := p.frames
		*p = *newPicture(p.cluster)
		p.plane, p.again, p.frames = plane, true, frames
		for c := range changes {
			if c.Cluster == p.cluster {
				p.remember(c)
			}
		}
	}
	p.now = now
	if p.due.all {
		p.due.all, p.lists = false, lists(p.cluster)
	}
	if p.frames%sweepClusters == 0 {
		if err := p.listClusters(); err != nil {
			return err
		}
	}
	p.frames++
	return errors.Join(p.list(), p.describe())
}

// remember keeps a change for pages that are opened later.
func (p *picture) remember(c message.Change) {
	c.Why = "" // the task's page has it
	p.recent = append(p.recent, c)
	if len(p.recent) > 4*mostRecent {
		p.recent = slices.Clone(p.recent[len(p.recent)-mostRecent:])
	}
}

// list marks what is listed: everything at first, and a page a frame later.
func (p *picture) list() error {
	for _, l := range p.lists {
		for range l.pages {
			page, err := l.page(p.plane, l.token)
			if err != nil {
				return err
			}
			for _, arn := range page.Arns {
				l.kind(&p.due)[nameOf(arn)] = true
			}
			if l.token = page.NextToken; l.token == "" {
				l.pages, l.passed = 1, true
				break
			}
		}
	}
	for id := range p.instances { //order:any a random start is wanted
		if len(p.due.instances) >= sweepRows {
			break
		}
		p.due.instances[id] = true
	}
	for id := range p.tasks { //order:any a random start is wanted
		if len(p.due.tasks) >= sweepRows {
			break
		}
		p.due.tasks[id] = true
	}
	return nil
}

// loading is how many rows are still to be described, at least 1 while lists are gone through for the first time.
func (p *picture) loading() int {
	n := len(p.due.tasks) + len(p.due.instances)
	for _, l := range p.lists {
		if !l.passed {
			return n + 1
		}
	}
	if n < 10*sweepRows {
		return 0
	}
	return n
}

// describe describes what is marked.
func (p *picture) describe() error {
	for part := range slices.Chunk(some(p.due.services, frameServices), 10) {
		out, err := p.plane.DescribeServices(api.DescribeServicesInput{Cluster: p.cluster, Services: part})
		if err != nil {
			return err
		}
		for _, s := range out.Services {
			if s.Status == ecs.ServiceStatusInactive {
				drop(p.services, p.changed.services, s.ServiceName)
				continue
			}
			put(p.services, p.changed.services, s.ServiceName, serviceRowOf(s))
		}
		drop(p.services, p.changed.services, missing(out.Failures)...)
	}
	for part := range slices.Chunk(some(p.due.instances, frameInstances), 100) {
		out, err := p.plane.DescribeContainerInstances(api.DescribeContainerInstancesInput{Cluster: p.cluster,
			ContainerInstances: part})
		if err != nil {
			return err
		}
		for _, ci := range out.ContainerInstances {
			if ci.Status == ecs.ContainerInstanceStatusInactive {
				drop(p.instances, p.changed.instances, string(ci.ID()))
				continue
			}
			put(p.instances, p.changed.instances, string(ci.ID()), instanceRowOf(ci))
		}
		drop(p.instances, p.changed.instances, missing(out.Failures)...)
	}
	for part := range slices.Chunk(some(p.due.tasks, frameTasks), 100) {
		out, err := p.plane.DescribeTasks(api.DescribeTasksInput{Cluster: p.cluster, Tasks: part})
		if err != nil {
			return err
		}
		for _, t := range out.Tasks {
			if t.LastStatus.Over() {
				drop(p.tasks, p.changed.tasks, string(t.ID()))
				continue
			}
			put(p.tasks, p.changed.tasks, string(t.ID()), taskRowOf(t))
		}
		drop(p.tasks, p.changed.tasks, missing(out.Failures)...)
	}
	return nil
}

// put sets a row, and marks it if it differs.
func put[R comparable](all map[string]R, changed map[string]bool, id string, row R) {
	if old, there := all[id]; !there || old != row {
		all[id], changed[id] = row, true
	}
}

// drop removes rows, and marks those that were there.
func drop[R any](all map[string]R, changed map[string]bool, ids ...string) {
	for _, id := range ids {
		if _, there := all[id]; there {
			delete(all, id)
			changed[id] = true
		}
	}
}

// missing are the IDs of what is not there.
func missing(failures []ecs.Failure) (ids []string) {
	for _, f := range failures {
		ids = append(ids, nameOf(f.Arn))
	}
	return ids
}

// listClusters describes all clusters, the first hundred of them.
func (p *picture) listClusters() error {
	page, err := p.plane.ListClusters(api.ListClustersInput{})
	if err != nil || len(page.Arns) == 0 {
		p.clusters = nil
		return err
	}
	out, err := p.plane.DescribeClusters(api.DescribeClustersInput{Clusters: page.Arns})
	if err != nil {
		return err
	}
	var list []clusterRow
	for _, c := range out.Clusters {
		list = append(list, clusterRowOf(c))
	}
	if !slices.Equal(list, p.clusters) {
		p.clusters, p.changed.clusters = list, true
	}
	return nil
}
