package placement

import (
	"fmt"
	"maps"
	"slices"

	"github.com/bayplan/bayplan/placement/internal/request"
	"github.com/bayplan/bayplan/placement/internal/trees"
)

// check tells which invariant of the index does not hold.
func (x *Index) check() error {
	for k, o := range x.orders {
		if o.by == byCount && o.want&^x.wantOf(o) != 0 {
			return fmt.Errorf("order %d leaves out what one of its shapes wants", k)
		}
		seen := map[uint32]bool{}
		for i := range o.Buckets {
			if err := x.checkBucket(o, i, seen); err != nil {
				return fmt.Errorf("order %d by %d, bucket %d: %w", k, o.by, i, err)
			}
		}
		for _, slot := range x.byID {
			if open := x.cold[slot].open(); open != seen[slot] || open != (x.records[slot].flags&flagOpen != 0) {
				return fmt.Errorf("I1: slot %d open %v, in order %v", slot, open, seen[slot])
			}
		}
	}
	for i, slot := range x.byID {
		r := &x.records[slot]
		if r.flags&flagOpen != 0 && x.probesOf[slot] != x.passes(slot) {
			return fmt.Errorf("I4: slot %d", slot)
		}
		if i > 0 && r.rank <= x.records[x.byID[i-1]].rank {
			return fmt.Errorf("ranks do not ascend at %d", i)
		}
	}
	if err := x.checkGroups(); err != nil {
		return err
	}
	return x.checkUsers()
}

// checkUsers counts who uses what shapes share, and finds what nobody does.
func (x *Index) checkUsers() error {
	got, want := map[string]int{}, map[string]int{}
	for id, s := range x.shapes {
		if s == nil {
			continue
		}
		if s.users == 0 && !slices.Contains(x.idle, uint32(id+1)) {
			return fmt.Errorf("shape %d has no user", id)
		}
		for _, g := range s.groups {
			want["group "+x.groups[g].name]++
		}
		for _, code := range s.ports {
			want[fmt.Sprint("port ", code)]++
		}
		want["filter "+s.filter.key]++
		want[fmt.Sprint("order ", s.plan.order.dims, s.plan.order.by)]++
		if own := x.ownOrder(s); s.plan.fresh && own != nil {
			want[fmt.Sprint("order of ", own.group, own.dims)]++
		}
		for _, st := range s.plan.steps {
			if st.kind == request.SpreadAttribute {
				want["dim "+x.dims[st.dim].attribute]++
				want[fmt.Sprint("counts ", s.group, st.dim)]++
			}
		}
		want[fmt.Sprint("kind ", s.kind())]++
		if s.plan.fresh {
			want[fmt.Sprint("kind ", s.freshKind())]++
		}
	}
	for id, g := range x.groups {
		if g == nil {
			continue
		}
		if g.users > 0 {
			got["group "+g.name] = g.users
		} else if (g.total == 0 || g.on != nil || g.dims != nil) && x.marks == 0 {
			return fmt.Errorf("group %s is nobody's", g.name)
		}
		for k, d := range g.dims {
			if d != noDim {
				got[fmt.Sprint("counts ", id, d)] = g.uses[k]
			}
		}
	}
	for code, w := range x.ports {
		got[fmt.Sprint("port ", code)] = w.users
	}
	for key, f := range x.filters {
		got["filter "+key] = f.users
	}
	owns := 0
	for _, o := range x.orders {
		name := fmt.Sprint("order ", o.dims, o.by)
		if o.by == byCount {
			name = fmt.Sprint("order of ", o.group, o.dims)
			owns++
		}
		if o.whole != nil {
			want[fmt.Sprint("order ", o.whole.dims, o.whole.by)]++
		}
		got[name] = o.users
	}
	for _, d := range x.dims {
		if d != nil {
			got["dim "+d.attribute] = d.users
		}
	}
	kinds, shapes := x.probes.Kinds()
	for i, k := range kinds {
		got[fmt.Sprint("kind ", k)] = shapes[i]
	}
	if owns != x.owns || !maps.Equal(got, want) {
		return fmt.Errorf("%d own orders, said to be %d; used %v, said to be %v", owns, x.owns, want, got)
	}
	return nil
}

func (x *Index) checkBucket(o *order, i int, seen map[uint32]bool) error {
	b, n, last := &o.Buckets[i], 0, uint64(0)
	for t, id := range b.Kids {
		m := &o.Mids[id]
		if m.N == 0 {
			return fmt.Errorf("empty mid")
		}
		for c := range m.N {
			l := &o.Leaves[m.Kids[c]]
			if l.N == 0 {
				return fmt.Errorf("empty leaf")
			}
			for j := range l.N {
				key, slot := l.Keys[j], l.Slots[j]
				if n > 0 && key <= last {
					return fmt.Errorf("I3: key %x after %x", key, last)
				}
				if x.records[slot].flags&flagOpen == 0 || seen[slot] || key != x.key(o, slot) ||
					int(o.bucketIndex(x, slot)) != i {
					return fmt.Errorf("I1: slot %d key %x, want %x", slot, key, x.key(o, slot))
				}
				if found := o.Find(uint32(i), key); found != l {
					return fmt.Errorf("I3: key %x is not found", key)
				}
				for _, s := range []trees.Summary{m.Sum(c), b.Sum(t)} {
					if was := s; true {
						s.Raise(x.summaryOf(slot))
						if s != was && x.probesOf[slot]&o.want == o.want {
							return fmt.Errorf("I2: slot %d is not below its summary", slot)
						}
					}
				}
				seen[slot], last = true, key
				n++
			}
		}
	}
	if n != b.N {
		return fmt.Errorf("has %d entries, says %d", n, b.N)
	}
	return nil
}

func (x *Index) checkGroups() error {
	live := trees.Bitmap{}
	for _, slot := range x.byID {
		live.Set(slot)
	}
	for id, g := range x.groups {
		if g == nil {
			continue
		}
		total, nodes := 0, 0
		counts := make([][]uint32, len(g.dims))
		for k := range g.dims {
			counts[k] = make([]uint32, len(g.counts[k]))
		}
		for _, slot := range x.byID {
			c := int(x.countOf(uint32(id), slot))
			total += c
			if c > 0 {
				nodes++
			}
			if g.on != nil && g.on.Has(slot) != (c > 0) {
				return fmt.Errorf("I5: bitmap of %s at slot %d", g.name, slot)
			}
			for k, d := range g.dims {
				if d == noDim {
					continue
				}
				counts[k][x.valueOf(d, slot)] += uint32(c)
				if n := g.counts[k][x.valueOf(d, slot)]; n < g.floors[k] && x.cold[slot].open() {
					return fmt.Errorf("I5: %s has %d tasks at slot %d, below its floor of %d",
						g.name, n, slot, g.floors[k])
				}
			}
		}
		if total != g.total || g.on != nil && nodes != g.nodes {
			return fmt.Errorf("I5: %s has %d tasks on %d, says %d on %d", g.name, total, nodes, g.total, g.nodes)
		}
		for k := range g.dims {
			if !slices.Equal(counts[k], g.counts[k]) {
				return fmt.Errorf("I5: %s by value: %v, says %v", g.name, counts[k], g.counts[k])
			}
		}
		if g.on != nil && !g.on.Within(&live) {
			return fmt.Errorf("I6: bitmap of %s", g.name)
		}
		if g.on != nil && g.on.Bars&^x.barsOf[id] != 0 {
			return fmt.Errorf("I4: %s bars %x, says %x", g.name, g.on.Bars, x.barsOf[id])
		}
	}
	for code, m := range x.ports {
		for _, slot := range x.byID {
			if m.Has(slot) != slices.Contains(x.cold[slot].ports, code) {
				return fmt.Errorf("port %d at slot %d", code, slot)
			}
		}
		if !m.Within(&live) {
			return fmt.Errorf("I6: bitmap of port %d", code)
		}
	}
	return nil
}
