package scaling

import (
	"cmp"
	"iter"
	"slices"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
)

// targets yields what is registered for scaling; every namespace but that of ECS is empty.
func (r *Room) targets(namespace string) iter.Seq[*Target] {
	return func(yield func(*Target) bool) {
		if namespace != autoscale.ServiceNamespaceECS {
			return
		}
		for s := range r.Services.All() {
			if c := s.Target(); c != nil && !yield(c) {
				return
			}
		}
	}
}

// page sorts a list and cuts the page that is asked for.
func page[T any](list []T, token string, size ecs.Opt[int], key func(T) string) ([]T, string, error) {
	slices.SortFunc(list, func(a, b T) int { return cmp.Compare(key(a), key(b)) })
	list, next, err := core.Cut(list, token, size.Or(autoscale.MaxDescribed), autoscale.MaxDescribed, key, false)
	if err != nil { // the size is known to be right
		err = core.Fault(ecs.InvalidNextTokenException, "NextToken", "Invalid token %q.", token)
	}
	return list, next, err
}
