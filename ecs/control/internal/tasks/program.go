package tasks

import "github.com/bayplan/bayplan/lifecycle"

// programKey is what tasks share a compiled program by. A call's overrides are not part of it:
// lifecycle.Compile reads nothing that they change.
type programKey struct {
	definition string
	traits     lifecycle.Traits
}

// sharedProgram is a program with the number of tasks that run by it.
type sharedProgram struct {
	program *lifecycle.Program
	tasks   int
}

// traits says what a task's life depends on beside its definition.
func (m *Room) traits(t *Task) lifecycle.Traits {
	traits := lifecycle.Traits{Role: lifecycle.RoleControlPlane, LaunchType: t.LaunchType, Service: t.Service != ""}
	traits.TargetGroups, traits.Discovery, traits.AwaitsRoom = len(t.Targets), t.Registry != nil, t.AwaitsRoom
	traits.Volume = t.Volume != nil
	return traits
}

// compile gives a task its program, shared by those that are alike.
func (m *Room) compile(t *Task) error {
	key := programKey{definition: t.TaskDefinitionArn, traits: m.traits(t)}
	shared, ok := m.programs[key]
	if !ok {
		program, err := lifecycle.Compile(t.Definition, key.traits)
		if err != nil {
			return err
		}
		shared = &sharedProgram{program: program}
		m.programs[key] = shared
	}
	shared.tasks++
	t.Program, t.programKey = shared.program, key
	return nil
}

// leaveProgram counts a task out of those that share its program.
func (m *Room) leaveProgram(t *Task) {
	if shared, ok := m.programs[t.programKey]; ok && t.Program != nil {
		if shared.tasks--; shared.tasks == 0 {
			delete(m.programs, t.programKey)
		}
	}
}
