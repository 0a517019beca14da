// Package ecs holds the values of Amazon ECS: task definitions, services, container
// instances, their JSON, and the rules that AWS checks them by.
package ecs
