package programs

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/lifecycle"
)

func definition(arn string) *ecs.TaskDefinition {
	return &ecs.TaskDefinition{TaskDefinitionArn: arn, Family: "web",
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "web:1", Memory: 64}}}
}

// A program is shared by its users, and goes with the last one.
//
// Seen to fail: Join that counts nobody; Leave that keeps what nobody uses.
func TestBook(t *testing.T) {
	b := NewBook()
	complaints := func(users map[Key]int) (list []string) {
		b.Check(users, func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) })
		return list
	}
	k := Key{"web:1", lifecycle.Traits{Role: lifecycle.RoleControlPlane, LaunchType: ecs.LaunchTypeEC2}}
	first, err := b.Join(k, definition("web:1"))
	require.NoError(t, err)
	second, err := b.Join(k, definition("web:1"))
	require.NoError(t, err)
	require.Same(t, first, second)
	require.Empty(t, complaints(map[Key]int{k: 2}))
	require.Equal(
		t,
		[]string{"1 kinds of tasks run by the program of web:1, counted as 2"},
		complaints(map[Key]int{k: 1}),
	)
	b.Leave(k)
	require.Empty(t, complaints(map[Key]int{k: 1}))
	b.Leave(k)
	require.Empty(t, complaints(nil))
	b.Leave(k)
	require.Empty(t, complaints(nil))
	again, err := b.Join(k, definition("web:1"))
	require.NoError(t, err)
	require.NotSame(t, first, again)
	require.Equal(
		t,
		[]string{"1 programs are kept, tasks run by 0", "0 kinds of tasks run by the program of web:1, counted as 1"},
		complaints(nil),
	)
}

// A definition that does not compile is nobody's program.
func TestJoinRefuses(t *testing.T) {
	b := NewBook()
	loop := definition("web:1")
	loop.ContainerDefinitions[0].DependsOn = []ecs.ContainerDependency{{ContainerName: "web", Condition: "START"}}
	_, err := b.Join(Key{Definition: "web:1"}, loop)
	require.Error(t, err)
	b.Check(nil, func(format string, args ...any) { t.Errorf(format, args...) })
}

// A definition is looked up once, and the overrides of one task are not those of another.
//
// Seen to fail: Of that applies overrides to what it knows.
func TestDefinitions(t *testing.T) {
	looked := 0
	k := NewDefinitions(func(arn string) (ecs.TaskDefinition, error) {
		if looked++; arn == "none" {
			return ecs.TaskDefinition{}, errors.New("none")
		}
		return *definition(arn), nil
	})
	plain, err := k.Of(&written.Task{TaskDefinitionArn: "web:1"})
	require.NoError(t, err)
	changed, err := k.Of(&written.Task{TaskDefinitionArn: "web:1", Overrides: &ecs.TaskOverride{
		ContainerOverrides: []ecs.ContainerOverride{{Name: "web", Command: []string{"once"}}}}})
	require.NoError(t, err)
	require.Equal(t, []string{"once"}, changed.ContainerDefinitions[0].Command)
	again, err := k.Of(&written.Task{TaskDefinitionArn: "web:1"})
	require.NoError(t, err)
	require.Same(t, plain, again)
	require.Empty(t, again.ContainerDefinitions[0].Command)
	require.Equal(t, 1, looked)
	_, err = k.Of(&written.Task{TaskDefinitionArn: "none"})
	require.Error(t, err)
}
