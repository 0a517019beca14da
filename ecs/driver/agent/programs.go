package agent

import (
	"reflect"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/lifecycle"
)

// programs remembers what was compiled last, so that the tasks of a service share one program. Another task
// definition may come under an ARN that was seen before, from a control plane that began anew.
type programs map[programKey]compiled

type programKey struct {
	definition string // ARN
	traits     lifecycle.Traits
}

type compiled struct {
	definition ecs.TaskDefinition
	program    *lifecycle.Program
}

// mostPrograms is how many are remembered.
const mostPrograms = 64

// of returns the program of a task definition, or the error of one that does not compile.
func (p programs) of(d ecs.TaskDefinition, t lifecycle.Traits) (*lifecycle.Program, error) {
	key := programKey{d.TaskDefinitionArn, t}
	if known, ok := p[key]; ok && reflect.DeepEqual(known.definition, d) {
		return known.program, nil
	}
	program, err := lifecycle.Compile(d, t)
	if err != nil {
		return nil, err
	}
	if len(p) == mostPrograms {
		clear(p)
	}
	p[key] = compiled{d, program}
	return program, nil
}
