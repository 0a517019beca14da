package engine

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/bayplan/bayplan/ecs"
)

// Fate is what becomes of a field of a task definition on the engine.
type Fate string

// The fates.
const (
	Done         Fate = "done"         // as on Amazon ECS, or refused where Config does not allow it
	Refused      Fate = "refused"      // a task that sets it does not start, and its reason names the field
	Approximated Fate = "approximated" // differs from Amazon ECS, or has no effect, as Field.How says
)

// Field is a field of a task definition, with all below it that has no Field of its own.
type Field struct {
	Path string // as in JSON; [] stands for each element of a list
	Fate Fate
	How  string // what the engine is asked for, or why it is refused
}

// Fields returns every field of a task definition, in the order of the task definition.
func Fields() []Field {
	rows := append(taskRows(), containerRows()...)
	list := make([]Field, len(rows))
	for i, r := range rows {
		list[i] = r.Field
	}
	return list
}

// WriteFields prints the table of fields, a line each, and how many fields have which fate.
func WriteFields(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	count := map[Fate]int{}
	for _, f := range Fields() {
		count[f.Fate]++
		if _, err := fmt.Fprintf(table, "%s\t%s\t%s\n", f.Path, f.Fate, f.How); err != nil {
			return err
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%d done, %d approximated, %d refused\n", count[Done], count[Approximated],
		count[Refused])
	return err
}

// row is a field, and what of it is refused.
type row struct {
	Field
	// refuse returns a path and a reason for each fault; nil: nothing is refused. Rows of a task definition get
	// no container.
	refuse func(*Runtime, ecs.TaskDefinition, ecs.ContainerDefinition) []string
}

func done(path, how string) row   { return row{Field: Field{path, Done, how}} }
func nearly(path, how string) row { return row{Field: Field{path, Approximated, how}} }

// checked is a row some of whose values are refused.
func checked(path string, fate Fate, how string,
	refuse func(*Runtime, ecs.TaskDefinition, ecs.ContainerDefinition) []string) row {
	return row{Field{path, fate, how}, refuse}
}

// never is a row that is refused whenever it is set.
func never(path, why string, set func(ecs.TaskDefinition, ecs.ContainerDefinition) bool) row {
	at := strings.TrimPrefix(path, containersPath)
	return checked(path, Refused, why, func(_ *Runtime, d ecs.TaskDefinition, c ecs.ContainerDefinition) []string {
		if set(d, c) {
			return []string{at + ": " + why}
		}
		return nil
	})
}

const containersPath = "containerDefinitions[]."

// Refuses returns why the engine cannot run tasks of a definition, with everything that it cannot honour or that
// Config does not allow; nil: it can.
func (r *Runtime) Refuses(d ecs.TaskDefinition) error {
	var faults []string
	for _, row := range taskRows() {
		if row.refuse != nil {
			faults = append(faults, row.refuse(r, d, ecs.ContainerDefinition{})...)
		}
	}
	rows := containerRows()
	for i, c := range d.ContainerDefinitions {
		for _, row := range rows {
			if row.refuse == nil {
				continue
			}
			for _, fault := range row.refuse(r, d, c) {
				faults = append(faults, fmt.Sprintf("containerDefinitions[%d].%s", i, fault))
			}
		}
	}
	if len(faults) == 0 {
		return nil
	}
	return fmt.Errorf("ResourceInitializationError: the task cannot run on this engine: %s", strings.Join(faults, "; "))
}
