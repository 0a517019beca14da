package scheduler

import (
	"iter"
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

// mark is a task in a queue, which goes by at and then by seq.
type mark struct {
	at   ecs.Instant // zero where the order of the view is all
	seq  uint64
	slot uint32
}

func (m mark) before(o mark) bool { return m.at < o.at || m.at == o.at && m.seq < o.seq }

// queue keeps marks in order. It holds them in pages, so that a change moves those of one page
// and not all. The zero queue is empty.
type queue struct {
	pages [][]mark
	n     int
}

const pageMax = 64

// find returns where m is, or would be: a page and a place in it.
func (q *queue) find(m mark) (page, at int) {
	order := func(o, m mark) int {
		switch {
		case o.before(m):
			return -1
		case m.before(o):
			return 1
		}
		return 0
	}
	page, _ = slices.BinarySearchFunc(q.pages, m, func(p []mark, m mark) int { return order(p[len(p)-1], m) })
	if page == len(q.pages) {
		return page, 0
	}
	at, _ = slices.BinarySearchFunc(q.pages[page], m, order)
	return page, at
}

// add puts m in; it is not there yet.
func (q *queue) add(m mark) {
	q.n++
	page, at := q.find(m)
	if len(q.pages) == 0 && cap(q.pages) > 0 {
		q.pages = q.pages[:1]
		q.pages[0] = append(q.pages[0][:0], m) // where the last page was
		return
	}
	if page == len(q.pages) {
		if page == 0 || len(q.pages[page-1]) >= pageMax {
			q.pages = append(q.pages, append(make([]mark, 0, 4), m))
			return
		}
		page, at = page-1, len(q.pages[page-1])
	}
	p := slices.Insert(q.pages[page], at, m)
	if q.pages[page] = p; len(p) > pageMax {
		rest := slices.Clone(p[pageMax/2:])
		q.pages[page] = p[:pageMax/2]
		q.pages = slices.Insert(q.pages, page+1, rest)
	}
}

// remove takes m out; it is there.
func (q *queue) remove(m mark) {
	q.n--
	page, at := q.find(m)
	if q.pages[page] = slices.Delete(q.pages[page], at, at+1); len(q.pages[page]) > 0 {
		return
	}
	if len(q.pages) == 1 {
		q.pages = q.pages[:0] // the page stays behind it
		return
	}
	q.pages = slices.Delete(q.pages, page, page+1)
}

// first returns the first mark, and false where there is none.
func (q *queue) first() (mark, bool) {
	if q.n == 0 {
		return mark{}, false
	}
	return q.pages[0][0], true
}

// all yields the marks in order.
func (q *queue) all() iter.Seq[mark] {
	return func(yield func(mark) bool) {
		for _, p := range q.pages {
			for _, m := range p {
				if !yield(m) {
					return
				}
			}
		}
	}
}
