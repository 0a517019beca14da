package proxy

import (
	"slices"
)

// take gives a request the target of its turn, or the one that it asks for if that takes new requests; false if
// there is none that it has not tried. A request that had another target has left it.
func (g *group) take(f *flight) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.drop(f)
	serving := g.weigh(f)
	i := -1
	if f.prefer != "" {
		i = slices.IndexFunc(g.targets, func(t *target) bool { return t.named == f.prefer })
	}
	if i < 0 || g.weights[i] == 0 {
		chosen, ok := g.set.Algorithm.Pick(g.weights, g.outstanding, g.proxy.config.Seed, g.turn)
		if !ok {
			return false
		}
		g.turn++
		i = chosen
	}
	g.place(f, i, serving)
	return true
}

// weigh looks at what each target may take of a request now, and returns how many take any. What the request has
// tried takes nothing.
func (g *group) weigh(f *flight) (serving int) {
	g.weights = g.book.Weights(g.weights[:0], g.proxy.now())
	g.outstanding = g.outstanding[:0]
	for i, t := range g.targets {
		if g.weights[i] > 0 {
			serving++
		}
		if slices.Contains(f.tried, t) {
			g.weights[i] = 0
		}
		g.outstanding = append(g.outstanding, len(t.flights))
	}
	return serving
}

// place puts a request at a target, and counts it the first time.
func (g *group) place(f *flight, i, serving int) {
	if f.tried == nil {
		g.counts.add(g.proxy.now(), serving)
	}
	f.target = g.targets[i]
	f.target.flights[f] = struct{}{}
}

// leave ends a request, so that its target has one less in flight.
func (g *group) leave(f *flight) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.drop(f)
}

func (g *group) drop(f *flight) {
	if f.target != nil {
		delete(f.target.flights, f)
		f.target = nil
	}
}
