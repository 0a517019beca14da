// Package placement chooses the container instance for a task, or the task to stop, by
// Amazon ECS's documented rules, and says why.
package placement
