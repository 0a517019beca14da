// Package answer asks the packages of the module about one task definition: is it valid, where would its
// tasks go on a cluster, and would the deployment of its service end? Package main reads the files and
// prints the answers.
//
// All answers start from the same state. What runs is read once, from the tasks, the service and the
// definition that runs. The verdict is about this state, and the simulation begins with it: each task is
// on its instance and holds its resources. TestVerdictAgreesWithSimulation checks that the verdict and
// the simulation agree.
package answer

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/bayplan/bayplan/examples/definition"
)

// Question is made of documents in AWS's JSON.
type Question struct {
	Definition []byte // register-task-definition
	Running    []byte // the same, of the revision that runs; nil: what the tasks and the service show of it
	Instances  []byte // describe-container-instances; nil: a fleet that holds the tasks
	Tasks      []byte // describe-tasks
	Service    []byte // describe-services; nil: a service of Count tasks
	Count      int
	Seed       uint64 // of the simulation

	// Keep asks whether the service comes to rest without a new deployment: with its tasks, instances and desired
	// count as described. Definition is then that of the tasks that run.
	Keep bool
	// Early is called with the report as far as it goes without a simulation, before that begins: for callers that
	// answer while somebody waits. It is not called where there is no verdict yet. nil: not at all.
	Early func(Report)
	// Most is how many container instances a cluster may have that is simulated; 0: any number. Beyond it there is
	// only a verdict.
	Most int
}

// Ask answers everything that the documents allow. The error is for the first document that
// cannot be used; the report has the answers up to there.
func Ask(q Question) (Report, error) {
	var r Report
	d, left, err := definition.Read(q.Definition)
	r.Name = d.Family
	var lines []string
	if left != "" {
		lines = append(lines, "  "+left)
	}
	if err != nil {
		return r.refused(err, lines), errors.New("the task definition is refused")
	}
	d = d.Normalize()
	needs := d.Requirements()
	lines = append(lines, fmt.Sprintf("  needs %d CPU units, %d MiB%s", needs.CPU, needs.Memory, devices(needs)),
		"  compatible with "+definition.Names(d.CompatibleWith()))
	for _, p := range d.StaticHostPorts() {
		lines = append(lines, fmt.Sprintf("  takes host port %d/%s: one task per instance", p.Port, p.Protocol))
	}
	r.Sections = append(r.Sections, Section{Title: "validate", Answer: d.Family + " is valid",
		Good: true, Lines: lines})
	r.Headline = Headline{Text: "the task definition is valid",
		More: "More is not known: another document cannot be used."}
	c, err := newCluster(q, d)
	if err != nil {
		return r, err
	}
	r.Name = cmp.Or(c.service.ServiceName, d.Family)
	if known := !c.rolling || len(c.tasks) > 0; known && q.Early != nil {
		q.Early(r.early(c))
	}
	w := newWorld(c, q.Seed)
	settled := tooMany(len(c.instances), q.Most)
	if settled == nil {
		settled = w.settle()
	}
	if err := r.explain(c); err != nil {
		return r, err
	}
	r.simulate(c, w, settled, q.Seed)
	return r, nil
}

// tooMany is why a cluster is not simulated; nil if it is.
func tooMany(instances, most int) error {
	if most == 0 || instances <= most {
		return nil
	}
	return fmt.Errorf("the cluster has %d container instances, and at most %d are simulated", instances, most)
}
