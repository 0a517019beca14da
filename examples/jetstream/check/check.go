package check

import (
	"fmt"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
)

// History is what happened.
type History struct {
	Services []Service // that clients have asked for
	Tasks    []string  // ARNs that RunTask has answered
	Starts   []Start   // of containers, in any order
	Planes   []Plane   // of members, when the faults were over
}

// Service is a service of the cluster "default", and what was answered about it.
type Service struct {
	Name    string
	Created bool  // CreateService was acknowledged
	Desired []int // that it may have: the last acknowledged one, and those since that were not answered
}

// Start is a start of a container.
type Start struct {
	Instance ecs.InstanceID `json:"instance"`
	Key      message.Key    `json:"key"` // of the command
	Task     ecs.TaskID     `json:"task"`
	Index    int            `json:"index"`
	Run      int            `json:"run"`
}

// Plane is the plane of a member after a record.
type Plane struct {
	Member string `json:"member"`
	Record uint64 `json:"record"`
	Digest string `json:"digest"` // of its State, as Digest returns it
}

// Journal is what a stream says: the plane that its messages make, what they decided on the way, and the digests of the
// plane after records.
type Journal struct {
	Plane   *control.Plane
	Decided map[message.Key]bool
	Digests map[uint64]string
}

// Faults lists what must not have happened, clause by clause. Its order is that of the history.
func (h History) Faults(j Journal) (faults []string) {
	faults = append(faults, h.lost(j)...)
	faults = append(faults, h.undecided(j)...)
	faults = append(faults, h.split()...)
	faults = append(faults, h.twice()...)
	faults = append(faults, h.different(j)...)
	return append(faults, h.unsteady(j)...)
}

// lost lists what was acknowledged and is not there.
func (h History) lost(j Journal) (faults []string) {
	for _, s := range h.Services {
		got, ok := service(j.Plane, s.Name)
		switch {
		case !ok && s.Created:
			faults = append(faults, fmt.Sprintf("lost: service %s was acknowledged", s.Name))
		case ok && !slices.Contains(s.Desired, got.DesiredCount):
			faults = append(faults, fmt.Sprintf("lost: service %s has the desired count %d, not one of %v", s.Name,
				got.DesiredCount, s.Desired))
		}
	}
	for _, arn := range h.Tasks {
		out, err := j.Plane.DescribeTasks(api.DescribeTasksInput{Tasks: []string{arn}})
		if err != nil || len(out.Tasks) != 1 {
			faults = append(faults, fmt.Sprintf("lost: task %s was acknowledged", arn))
		}
	}
	return faults
}

func service(p *control.Plane, name string) (ecs.Service, bool) {
	out, err := p.DescribeServices(api.DescribeServicesInput{Services: []string{name}})
	if err != nil || len(out.Services) != 1 {
		return ecs.Service{}, false
	}
	return out.Services[0], true
}

// undecided lists starts that no durable record has asked for: those of a leader that was followed.
func (h History) undecided(j Journal) (faults []string) {
	for _, s := range h.Starts {
		if !j.Decided[s.Key] {
			faults = append(faults, fmt.Sprintf("undecided: %s started %s", s.Instance, s.Key))
		}
	}
	return faults
}

// split lists epochs under which different commands took effect. A plane gives an epoch to one command: the others were
// another leader's.
func (h History) split() (faults []string) {
	first := map[uint64]message.Key{}
	for _, s := range h.Starts {
		if k, ok := first[s.Key.Epoch]; ok && k != s.Key {
			faults = append(faults, fmt.Sprintf("split: epoch %d is that of %s and of %s", k.Epoch, k, s.Key))
			continue
		}
		first[s.Key.Epoch] = s.Key
	}
	return faults
}

// twice lists runs of containers that were started more than once.
func (h History) twice() (faults []string) {
	type run struct {
		task       ecs.TaskID
		index, run int
	}
	began := map[run]int{}
	for _, s := range h.Starts {
		r := run{s.Task, s.Index, s.Run}
		if began[r]++; began[r] == 2 {
			faults = append(faults, fmt.Sprintf("twice: run %d of container %d of task %s", s.Run, s.Index, s.Task))
		}
	}
	return faults
}

// different lists planes that are not what the journal makes of it.
func (h History) different(j Journal) (faults []string) {
	for _, p := range h.Planes {
		if j.Digests[p.Record] != p.Digest {
			faults = append(faults, fmt.Sprintf("different: the plane of %s after record %d", p.Member, p.Record))
		}
	}
	return faults
}

// unsteady lists services that have not what they want.
func (h History) unsteady(j Journal) (faults []string) {
	for _, s := range h.Services {
		if got, ok := service(j.Plane, s.Name); ok && !Steady(got) {
			faults = append(faults, fmt.Sprintf("unsteady: service %s has %d of %d tasks, %d pending", s.Name,
				got.RunningCount, got.DesiredCount, got.PendingCount))
		}
	}
	return faults
}

// Steady reports whether a service has what it wants: one deployment, and as many tasks as are desired.
func Steady(s ecs.Service) bool {
	return s.RunningCount == s.DesiredCount && s.PendingCount == 0 && len(s.Deployments) == 1
}
