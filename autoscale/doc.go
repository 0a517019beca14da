// Package autoscale decides how many: scaling policies, alarms, schedules and the arithmetic
// of capacity providers, as pure functions over recorded metrics.
package autoscale
