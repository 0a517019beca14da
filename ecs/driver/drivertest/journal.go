package drivertest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
)

// Journal is the driver.Journal under test, with a function that shows what it keeps.
type Journal struct {
	driver.Journal
	Records func() ([]control.Record, error) // the records that a restarted plane would read

	// TakeOver returns the journal of another program, which goes on behind what was kept so far while this one
	// still runs. Nil: there is one writer only, and the checks of two are left out.
	TakeOver func() (driver.Journal, error)
}

// TestJournal checks a driver.Journal, which keeps records. The records that it appends are numbered from
// 1, and no plane has made them.
func TestJournal(t *testing.T, fresh func(t *testing.T) Journal) {
	suite(t, journalChecks(), func(t *testing.T, _ *probe) Journal { return fresh(t) })
}

// records makes those numbered from first to last.
func records(first, last uint64) (all []control.Record) {
	for n := first; n <= last; n++ {
		// plain values
		input, _ := json.Marshal(map[string]any{"n": n, "text": "<é \u2028 \" \x00>",
			"long": strings.Repeat("x", int(n%7)*1000)})
		all = append(all, control.Record{Sequence: n, At: ecs.At(time.Unix(1_700_000_000, int64(n))),
			Op: "Test", Input: input})
	}
	return all
}

func (p *probe) kept(j Journal, last uint64) {
	got, err := j.Records()
	if !p.works(err, "reading") {
		return
	}
	want := records(1, last)
	if len(got) != len(want) {
		p.errorf("got %d records, want %d", len(got), len(want))
		return
	}
	for i, w := range want {
		if g := got[i]; g.Sequence != w.Sequence || g.At != w.At || g.Op != w.Op || !sameJSON(g.Input, w.Input) {
			p.errorf("record %d is %v, not %v", i+1, g, w)
		}
	}
}

func sameJSON(a, b json.RawMessage) bool {
	canonical := func(m json.RawMessage) []byte {
		var v any
		if err := json.Unmarshal(m, &v); err != nil {
			return []byte(fmt.Sprint("broken ", err))
		}
		out, _ := json.Marshal(v) // was JSON
		return out
	}
	return bytes.Equal(canonical(a), canonical(b))
}

func journalChecks() []check[Journal] {
	ctx := context.Background()
	return append(writerChecks(), []check[Journal]{
		{"empty", func(p *probe, j Journal) { p.kept(j, 0) }},
		{"append", func(p *probe, j Journal) {
			for n := range uint64(20) {
				p.works(j.Append(ctx, records(n+1, n+1)), "Append")
			}
			p.kept(j, 20)
		}},
		{"append many", func(p *probe, j Journal) {
			p.works(j.Append(ctx, records(1, 300)), "Append")
			p.works(j.Append(ctx, records(301, 301)), "Append")
			p.kept(j, 301)
		}},
		{"append nothing", func(p *probe, j Journal) {
			p.works(j.Append(ctx, records(1, 2)), "Append")
			p.works(j.Append(ctx, nil), "Append of nothing")
			p.kept(j, 2)
		}},
		{"keep nothing of the caller's", func(p *probe, j Journal) {
			mine := records(1, 3)
			p.works(j.Append(ctx, mine), "Append")
			for i := range mine {
				clear(mine[i].Input)
				mine[i] = control.Record{}
			}
			p.kept(j, 3)
		}},
		{"cancelled", func(p *probe, j Journal) {
			p.works(j.Append(ctx, records(1, 2)), "Append")
			if j.Append(cancelled(), records(3, 9)) == nil {
				p.kept(j, 9)
			} else {
				p.kept(j, 2)
			}
		}},
	}...)
}

// writerChecks are those of two writers: what the first one appends after the second has taken over is refused, at
// once and for good.
func writerChecks() []check[Journal] {
	ctx := context.Background()
	takesOver := func(p *probe, j Journal) (driver.Journal, bool) {
		if j.TakeOver == nil {
			return nil, false
		}
		next, err := j.TakeOver()
		return next, p.works(err, "TakeOver")
	}
	refused := func(p *probe, j driver.Journal, first, last uint64) {
		if j.Append(ctx, records(first, last)) == nil {
			p.errorf("the writer before appends records %d to %d", first, last)
		}
	}
	return []check[Journal]{
		{"take over", func(p *probe, j Journal) {
			p.works(j.Append(ctx, records(1, 3)), "Append")
			if next, ok := takesOver(p, j); ok {
				p.works(next.Append(ctx, records(4, 5)), "Append of the next writer")
				refused(p, j, 4, 6)
				refused(p, j, 4, 4)
				p.works(next.Append(ctx, records(6, 6)), "Append of the next writer")
				p.kept(j, 6)
			}
		}},
		{"take over without a word", func(p *probe, j Journal) {
			p.works(j.Append(ctx, records(1, 2)), "Append")
			if next, ok := takesOver(p, j); ok {
				refused(p, j, 3, 4)
				p.kept(j, 2)
				p.works(next.Append(ctx, records(3, 3)), "Append of the next writer")
				p.kept(j, 3)
			}
		}},
	}
}

// TestClock checks a driver.Clock. Its time must pass without calls.
func TestClock(t *testing.T, fresh func(t *testing.T) driver.Clock) {
	suite(t, clockChecks(), func(t *testing.T, _ *probe) driver.Clock { return fresh(t) })
}

func clockChecks() []check[driver.Clock] {
	ctx := context.Background()
	return []check[driver.Clock]{
		{"forward", func(p *probe, c driver.Clock) {
			before := c.Now()
			for range 1000 {
				now := c.Now()
				if now.Before(before) {
					p.errorf("%s comes after %s", now, before)
				}
				before = now
			}
		}},
		{"wait", func(p *probe, c driver.Clock) {
			until := c.Now().Add(20 * time.Millisecond)
			p.works(c.Wait(ctx, until), "Wait")
			if now := c.Now(); now.Before(until) {
				p.errorf("Wait returned %s early", until.Sub(now))
			}
		}},
		{"wait for the past", func(p *probe, c driver.Clock) {
			p.returns("Wait for the past", func() {
				p.works(c.Wait(ctx, c.Now().Add(-time.Hour)), "Wait for the past")
				p.works(c.Wait(ctx, c.Now()), "Wait for now")
			})
		}},
		{"wait in vain", func(p *probe, c driver.Clock) {
			p.returns("Wait with a cancelled context", func() {
				if c.Wait(cancelled(), c.Now().Add(time.Hour)) == nil {
					p.errorf("Wait with a cancelled context has no error")
				}
				soon, cancel := context.WithTimeout(ctx, 20*time.Millisecond)
				defer cancel()
				if c.Wait(soon, c.Now().Add(time.Hour)) == nil {
					p.errorf("Wait whose context ends has no error")
				}
			})
		}},
		{"side by side", func(p *probe, c driver.Clock) {
			until := c.Now().Add(20 * time.Millisecond)
			p.returns("8 times Wait", func() {
				sides(8, func(string) {
					if p.works(c.Wait(ctx, until), "Wait") && c.Now().Before(until) {
						p.errorf("Wait returned early")
					}
				})
			})
		}},
	}
}

// returns holds that f does.
func (p *probe) returns(what string, f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	p.eventually(what, func() bool {
		select {
		case <-done:
			return true
		default:
			return false
		}
	})
}
