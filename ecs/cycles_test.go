package ecs_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
)

// reaches returns, for each pair of positions, whether there is a way along the edges: the closure of Warshall.
func reaches(edges [][]int) [][]bool {
	n := len(edges)
	way := make([][]bool, n)
	for i := range way {
		way[i] = make([]bool, n)
		for _, k := range edges[i] {
			way[i][k] = true
		}
	}
	for via := range n {
		for i := range n {
			for k := range n {
				way[i][k] = way[i][k] || way[i][via] && way[via][k]
			}
		}
	}
	return way
}

// Containers that wait for each other in a circle, and links in a circle, are refused if and only if a container
// reaches itself; the fault stands at the first container of a circle, and prints one that exists.
//
// Seen to fail: circles that the search comes back to and passes over; a circle that begins elsewhere (.ci/faults).
func TestCycles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 7).Draw(t, "containers")
		member := rapid.SampledFrom([]string{"dependsOn", "links"}).Draw(t, "member")
		d := ecs.TaskDefinition{Family: "web", NetworkMode: "bridge"}
		edges := make([][]int, n)
		for i := range n {
			c := ecs.ContainerDefinition{Name: fmt.Sprint("c", i), Image: "web", Memory: 4}
			for range 2 {
				if k := rapid.IntRange(-n, n-1).Draw(t, "edge"); k >= 0 && !slices.Contains(edges[i], k) {
					edges[i] = append(edges[i], k)
				}
			}
			for _, k := range edges[i] {
				if member == "links" {
					c.Links = append(c.Links, fmt.Sprintf("c%d:alias", k))
				} else {
					c.DependsOn = append(c.DependsOn,
						ecs.ContainerDependency{ContainerName: fmt.Sprint("c", k), Condition: "START"})
				}
			}
			d.ContainerDefinitions = append(d.ContainerDefinitions, c)
		}
		way := reaches(edges)
		circle := false
		for i := range n {
			circle = circle || way[i][i]
		}
		err := d.Validate()
		require.Equal(t, circle, err != nil, "%v: %v", edges, err)
		for e := range ecs.Errors(err) {
			_, text, ok := strings.Cut(e.Message, "should not have a cycle: ")
			require.True(t, ok, e.Message)
			var at []int
			for _, name := range strings.Split(text, " -> ") {
				var i int
				_, err := fmt.Sscanf(name, "c%d", &i)
				require.NoError(t, err)
				at = append(at, i)
			}
			require.Equal(t, fmt.Sprintf("containerDefinitions[%d].%s", slices.Min(at), member), e.Field)
			require.Equal(t, at[0], at[len(at)-1])
			for i := range len(at) - 1 {
				require.Contains(t, edges[at[i]], at[i+1], text)
			}
		}
	})
}
