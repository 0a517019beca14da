// Package scheduler is the ECS service scheduler as one pure function.
package scheduler
