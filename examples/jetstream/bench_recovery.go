package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/examples/jetstream/journal"
)

// measureRecovery opens a journal of many records without a snapshot, and one whose snapshot has many tasks.
func measureRecovery(ctx context.Context, l *laboratory, records, tasks int, out io.Writer) error {
	config := journal.Config{SnapshotEvery: -1}
	s, objects, err := l.open(ctx, "recovery")
	if err != nil {
		return err
	}
	p, j, err := journal.Open(ctx, s, objects, config)
	if err != nil {
		return err
	}
	start := time.Now()
	if _, err := p.CreateCluster(start, api.CreateClusterInput{}); err != nil {
		return err
	}
	for done := 0; done < records; done += 1000 {
		batch, err := clusterRecords(p, start.Add(time.Duration(done)*time.Millisecond), 1000)
		if err != nil {
			return err
		}
		if err := j.Append(ctx, batch); err != nil {
			return err
		}
	}
	p, j = nil, nil
	if err := recovers(out, fmt.Sprintf("%d records, no snapshot", records), func() (*control.Plane, error) {
		p, _, err := journal.Open(ctx, s, objects, config)
		return p, err
	}); err != nil {
		return err
	}
	if s, objects, err = l.open(ctx, "snapshot"); err != nil {
		return err
	}
	if p, j, err = journal.Open(ctx, s, objects, config); err != nil {
		return err
	}
	if err := fill(ctx, p, j, tasks); err != nil {
		return err
	}
	began := time.Now()
	if err := j.Snapshot(ctx, p.Save().Snapshot()); err != nil {
		return err
	}
	fmt.Fprintf(out, "R%d    a snapshot of %d tasks is kept and read back in %.1f s\n", len(l.servers), tasks,
		time.Since(began).Seconds())
	p, j = nil, nil
	return recovers(out, fmt.Sprintf("a snapshot of %d tasks", tasks), func() (*control.Plane, error) {
		p, _, err := journal.Open(ctx, s, objects, config)
		return p, err
	})
}

// recovers prints how long it takes to open a plane, and what memory that takes.
func recovers(out io.Writer, what string, open func() (*control.Plane, error)) error {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	began := time.Now()
	p, err := open()
	if err != nil {
		return err
	}
	took := time.Since(began)
	runtime.GC()
	runtime.ReadMemStats(&after)
	fmt.Fprintf(out, "R1    recovery of %s: %.1f s; the plane has %d MB, %d MB were allocated on the way; "+
		"at most %s resident with the NATS server\n", what, took.Seconds(),
		max(0, int64(after.HeapAlloc)-int64(before.HeapAlloc))>>20,
		(after.TotalAlloc-before.TotalAlloc)>>20, resident())
	runtime.KeepAlive(p)
	return nil
}

// resident returns the greatest resident memory of this process so far, as Linux counts it.
func resident() string {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return "an unknown amount"
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if rest, ok := strings.CutPrefix(lines.Text(), "VmHWM:"); ok {
			return strings.TrimSpace(rest)
		}
	}
	return "an unknown amount"
}

// fill makes tasks that run, and appends their records.
func fill(ctx context.Context, p *control.Plane, j *journal.Journal, tasks int) error {
	now := time.Now()
	if _, err := p.RegisterTaskDefinition(now, small()); err != nil {
		return err
	}
	for i := range 100 {
		if _, err := p.RegisterContainerInstance(now, large(i)); err != nil {
			return err
		}
	}
	for done := 0; done < tasks; done += 10 {
		now = now.Add(time.Millisecond)
		if _, err := p.RunTask(now, api.RunTaskInput{TaskDefinition: "web", Count: ecs.Some(10)}); err != nil {
			return err
		}
		ready := p.Ready()
		p.Advance(ready)
		for _, c := range ready.Commands {
			if start, ok := c.(message.StartTask); ok {
				p.Observe(now, message.CommandDone{Key: start.ID})
				p.Observe(now, runs(start))
			}
		}
		more := p.Ready()
		p.Advance(more)
		if err := j.Append(ctx, append(ready.Records, more.Records...)); err != nil {
			return err
		}
	}
	return nil
}
