// Package bayplan is the scheduling core of Amazon ECS as a library of pure Go packages.
package bayplan
