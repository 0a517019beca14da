// Package feasible says whether a deployment can end, and what blocks it.
package feasible
