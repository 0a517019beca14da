package ecs

import (
	"slices"

	"github.com/bayplan/bayplan/internal/check"
)

// dependencies checks what containers wait for. Source: Amazon ECS API Reference,
// ContainerDependency.
func (v *checker) dependencies() {
	list := v.d.ContainerDefinitions
	position := v.positions()
	edges := make([][]int, len(list))
	for i, c := range list {
		for j, dep := range c.DependsOn {
			path := check.Path("containerDefinitions", i, "dependsOn", j)
			if v.Present(path+".condition", string(dep.Condition)) {
				v.OneOf(path+".condition", choose(dep.Condition))
			}
			k, ok := position[dep.ContainerName]
			if !ok {
				v.Refuse(path+".containerName", "Cannot depend on container + '%s' because it does not exist",
					check.Shortened(dep.ContainerName))
				continue
			}
			edges[i] = append(edges[i], k)
			switch dep.Condition {
			case ContainerConditionComplete, ContainerConditionSuccess:
				if list[k].IsEssential() {
					v.Refuse(path+".condition",
						"A dependency container with SUCCESS or COMPLETE condition cannot be an essential "+
							"container: '%s'", dep.ContainerName)
				}
			case ContainerConditionHealthy:
				if list[k].HealthCheck == nil {
					v.Refuse(path+".condition",
						"A dependency container with HEALTHY condition must have health check configured: '%s'",
						dep.ContainerName)
				}
			}
		}
	}
	for _, cycle := range cycles(edges) {
		v.Refuse(check.Path("containerDefinitions", cycle[0], "dependsOn"),
			"Container dependencies should not have a cycle: %s", v.names(cycle))
	}
}

// cycles returns cycles of a graph, each beginning at its lowest position: the ones that a
// depth-first search in order of position meets, so at least one where there is any.
func cycles(edges [][]int) [][]int {
	const unseen, open, done = 0, 1, 2
	state := make([]int, len(edges))
	var path []int
	var found [][]int
	var visit func(i int)
	visit = func(i int) {
		state[i] = open
		path = append(path, i)
		for _, k := range edges[i] {
			switch state[k] {
			case unseen:
				visit(k)
			case open:
				cycle := slices.Clone(path[slices.Index(path, k):])
				lowest := slices.Index(cycle, slices.Min(cycle))
				found = append(found, slices.Concat(cycle[lowest:], cycle[:lowest]))
			}
		}
		path = path[:len(path)-1]
		state[i] = done
	}
	for i := range edges {
		if state[i] == unseen {
			visit(i)
		}
	}
	return found
}
