package control_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
)

// The pages of a list hold what it holds, each name once and in order, whatever their size and
// however many pass the filter. Seen to fail: a page that keeps the first names that come
// instead of the lowest.
func TestPages(t *testing.T) {
	now := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	p := control.New(control.Config{Seed: 1})
	_, err := p.RegisterContainerInstance(now, api.RegisterContainerInstanceInput{TotalResources: []ecs.Resource{
		{Name: ecs.ResourceCPU, Type: "INTEGER", IntegerValue: 1024}, {Name: ecs.ResourceMemory, Type: "INTEGER",
			IntegerValue: 10_000},
	}})
	require.NoError(t, err)
	_, err = p.RegisterTaskDefinition(now, ecs.TaskDefinition{Family: "a",
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "a", Image: "a", Memory: 4}}})
	require.NoError(t, err)
	var all, odd []string
	for i := range 260 {
		startedBy := []string{"even", "odd"}[i%2]
		out, err := p.RunTask(now, api.RunTaskInput{TaskDefinition: "a", StartedBy: startedBy})
		require.NoError(t, err)
		all = append(all, out.Tasks[0].TaskArn)
		if i%2 == 1 {
			odd = append(odd, out.Tasks[0].TaskArn)
		}
	}
	slices.Sort(all)
	slices.Sort(odd)
	rapid.Check(t, func(t *rapid.T) {
		in, want := api.ListTasksInput{MaxResults: ecs.Some(rapid.IntRange(1, 100).Draw(t, "size"))}, all
		if rapid.Bool().Draw(t, "odd") {
			in.StartedBy, want = "odd", odd
		}
		var got []string
		for {
			page, err := p.ListTasks(in)
			require.NoError(t, err)
			require.LessOrEqual(t, len(page.Arns), in.MaxResults.Or(0))
			got = append(got, page.Arns...)
			if in.NextToken = page.NextToken; in.NextToken == "" {
				break
			}
		}
		require.Equal(t, want, got)
	})
	_, err = p.ListTasks(api.ListTasksInput{NextToken: "zz"})
	require.ErrorIs(t, err, ecs.InvalidParameterException)
	_, err = p.ListTasks(api.ListTasksInput{NextToken: "61"})
	require.ErrorIs(t, err, ecs.InvalidParameterException, "a token of another list")
}
