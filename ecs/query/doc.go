// Package query is the cluster query language of Amazon ECS.
package query
