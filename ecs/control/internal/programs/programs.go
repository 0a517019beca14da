// Package programs keeps what tasks run by: task definitions with the overrides of a call, and the compiled
// programs of their life, each shared by all tasks that run by it.
package programs

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/lifecycle"
)

// Key is what tasks share a compiled program by. A call's overrides are not part of it:
// lifecycle.Compile reads nothing that they change.
type Key struct {
	Definition string // ARN
	Traits     lifecycle.Traits
}

// shared is a program with the number of its users.
type shared struct {
	program *lifecycle.Program
	users   int
}

// Book has the programs that somebody uses.
type Book struct{ programs map[Key]*shared }

// NewBook returns an empty Book.
func NewBook() *Book { return &Book{map[Key]*shared{}} }

// Join returns the program of a key to one more user. The error is that of a task definition that does not
// compile.
func (b *Book) Join(k Key, d *ecs.TaskDefinition) (*lifecycle.Program, error) {
	s, ok := b.programs[k]
	if !ok {
		program, err := lifecycle.Compile(*d, k.Traits)
		if err != nil {
			return nil, err
		}
		s = &shared{program: program}
		b.programs[k] = s
	}
	s.users++
	return s.program, nil
}

// Leave counts a user out. A program goes with its last user.
func (b *Book) Leave(k Key) {
	if s, ok := b.programs[k]; ok {
		if s.users--; s.users == 0 {
			delete(b.programs, k)
		}
	}
}

// Len returns how many programs are used.
func (b *Book) Len() int { return len(b.programs) }

// Check complains of programs that do not have these numbers of users.
func (b *Book) Check(users map[Key]int, bad core.Complain) {
	if len(users) != len(b.programs) {
		bad("%d programs are kept, tasks run by %d", len(b.programs), len(users))
	}
	for k, s := range b.programs { //order:any each is compared by itself
		if users[k] != s.users {
			bad("%d kinds of tasks run by the program of %s, counted as %d", users[k], k.Definition, s.users)
		}
	}
}
