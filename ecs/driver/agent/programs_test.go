package agent

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/lifecycle"
)

// Equal task definitions share a program; another one under the same ARN does not; few are remembered.
//
// Seen to fail: definitions told apart by ARN alone, traits by launch type alone, and programs that forget none.
func TestProgramsAreShared(t *testing.T) {
	p := programs{}
	of := func(d ecs.TaskDefinition) *lifecycle.Program {
		program, err := p.of(d, lifecycle.Traits{Role: lifecycle.RoleAgent})
		require.NoError(t, err)
		return program
	}
	define := func(arn string, containers ...string) (d ecs.TaskDefinition) {
		d.TaskDefinitionArn = arn
		for _, name := range containers {
			d.ContainerDefinitions = append(d.ContainerDefinitions, ecs.ContainerDefinition{Name: name, Image: "web"})
		}
		return d
	}
	one := of(define("web:1", "a"))
	require.Same(t, one, of(define("web:1", "a")))
	require.NotSame(t, one, of(define("web:1", "a", "b")), "of a plane that began anew")
	other, err := p.of(define("web:1", "a", "b"), lifecycle.Traits{Role: lifecycle.RoleAgent, StopTimeout: time.Minute})
	require.NoError(t, err)
	require.NotSame(t, of(define("web:1", "a", "b")), other, "of an agent that waits longer")
	for i := range 10 * mostPrograms {
		of(define(fmt.Sprint(i), "a"))
		require.LessOrEqual(t, len(p), mostPrograms)
	}
	circle := define("web:1", "a", "b")
	circle.ContainerDefinitions[0].DependsOn = []ecs.ContainerDependency{{ContainerName: "b", Condition: "START"}}
	circle.ContainerDefinitions[1].DependsOn = []ecs.ContainerDependency{{ContainerName: "a", Condition: "START"}}
	_, err = p.of(circle, lifecycle.Traits{})
	require.Error(t, err)
}
