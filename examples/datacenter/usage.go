package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver/journal"
)

// usage is what the process has used up to a moment.
type usage struct {
	at     time.Time
	cpu    float64 // seconds; 0: not known
	heap   uint64  // bytes that live
	system uint64  // bytes from the system

	allocations, allocated uint64 // how many there were, and their bytes
}

// measure collects garbage, so that what lives is known.
func measure() usage {
	runtime.GC()
	u := usage{at: time.Now()}
	if used, err := cpu(); err == nil {
		u.cpu = used // else it stays 0, which report says
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	u.heap, u.system = m.HeapAlloc, m.Sys
	u.allocations, u.allocated = m.Mallocs, m.TotalAlloc
	return u
}

// limits says how the garbage collector is set.
func limits() string {
	percent := debug.SetGCPercent(100)
	debug.SetGCPercent(percent)
	limit := "no GOMEMLIMIT"
	if bytes := debug.SetMemoryLimit(-1); bytes < 1<<62 {
		limit = fmt.Sprintf("GOMEMLIMIT %d MiB", bytes>>20)
	}
	return fmt.Sprintf("GOGC %d, %s, GOMAXPROCS %d", percent, limit, runtime.GOMAXPROCS(0))
}

// report prints what n launches took between two moments.
func (d *durable) report(from, to usage, n int, empty usage) {
	wall := to.at.Sub(from.at).Seconds()
	d.print("launched", "%d tasks by %d callers in %.1f s: %.0f launches a second", n, d.callers, wall, float64(n)/wall)
	if used := to.cpu - from.cpu; used > 0 {
		d.print("CPU", "%.1f s, all threads: %.1f µs a launch", used, used*1e6/float64(n))
	} else {
		d.print("CPU", "not known on this system")
	}
	d.print("allocations", "%.1f a launch, %.0f bytes", float64(to.allocations-from.allocations)/float64(n),
		float64(to.allocated-from.allocated)/float64(n))
	if took := d.seen.launched(); len(took) > 0 {
		at := func(part float64) time.Duration {
			return took[int(part*float64(len(took)-1))].Round(100 * time.Microsecond)
		}
		d.print("a launch", "from RunTask until RUNNING is durable: median %s, 99th percentile %s, longest %s", at(0.5),
			at(0.99), at(1))
	}
	d.print("memory", "%.0f bytes a task, its share of the instances included; %d MiB from the system at most",
		float64(to.heap-empty.heap)/float64(d.tasks), to.system>>20)
	d.print("", "%s", limits())
}

// watched is a journal of which is known whether it writes a snapshot.
type watched struct {
	*journal.Journal
	writing sync.Mutex
}

// Snapshot keeps a snapshot.
func (w *watched) Snapshot(ctx context.Context, s control.Snapshot) error {
	w.writing.Lock()
	defer w.writing.Unlock()
	return w.Journal.Snapshot(ctx, s)
}

// settle waits until no snapshot is being written, since that takes memory of its own.
func (w *watched) settle() {
	w.writing.Lock()
	defer w.writing.Unlock()
}

// size returns how many bytes the journal's directory holds.
func (d *durable) size() (bytes int64, err error) {
	err = filepath.WalkDir(d.dir, func(_ string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		if os.IsNotExist(err) {
			return nil // a snapshot has replaced it
		}
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	return bytes, err
}
