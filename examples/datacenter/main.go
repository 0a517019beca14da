// Command datacenter fills a cluster of a size that Amazon ECS does not offer: 100,000
// container instances of eight types in three zones, 512 task definitions with constraints,
// ports, GPUs and network interfaces in the mix, a million placements under spread over zones
// and then binpack on memory. It prints how fast that went, how full the instances are, and a
// digest of every decision, which is the same on every run and every machine.
//
//	go run ./examples/datacenter
//	go run ./examples/datacenter -instances 5000 -placements 50000
//
// With -tasks it runs that many tasks through a whole control plane that survives a crash: the loop,
// the journal in files, services of up to 5,000 tasks and RunTask in batches of ten, half and half, and
// agents that report each task RUNNING as soon as they are asked to start it. Then it ends a twentieth
// of the instances and waits until as many tasks run as before, and opens the journal again. It prints
// what that took.
//
//	go run ./examples/datacenter -tasks 1000000 -instances 5000
package main

import (
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"time"
)

func main() {
	size := size{}
	flag.IntVar(&size.instances, "instances", 100_000, "container instances")
	flag.IntVar(&size.definitions, "definitions", 512, "task definitions")
	flag.IntVar(&size.placements, "placements", 1_000_000, "placements")
	durable := durable{out: os.Stdout}
	flag.IntVar(&durable.tasks, "tasks", 0, "run so many tasks on a durable control plane instead; 0: none")
	flag.IntVar(&durable.callers, "callers", 64, "how many call RunTask at a time, with -tasks")
	flag.IntVar(&durable.service, "service", 5000, "tasks of a service, with -tasks")
	flag.IntVar(&durable.snapshots, "snapshots", 0, "records between snapshots at least, with -tasks; "+
		"0: as the journal chooses, negative: no snapshots")
	flag.StringVar(&durable.dir, "journal", "", "directory of the journal, with -tasks; empty: a temporary one")
	flag.BoolVar(&durable.lax, "lax", false, "leave it to the system when the journal reaches the disk, with -tasks")
	flag.Parse()
	do := func() error { return report(size) }
	if durable.tasks > 0 {
		durable.instances = size.instances
		do = durable.run
	}
	if err := do(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// report builds the cluster, fills it with a clock in hand, and prints.
func report(size size) error {
	debug.SetGCPercent(50) // memory is asked for here as well as time
	start := time.Now()
	dc, err := build(size)
	if err != nil {
		return err
	}
	built := time.Since(start)
	runtime.GC() // garbage of the building does not count for the placements

	times := make([]uint32, size.placements) // nanoseconds a placement
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start = time.Now()
	last := start
	for i := range times {
		dc.place(i)
		now := time.Now()
		times[i] = uint32(min(now.Sub(last), 1<<32-1))
		last = now
	}
	took := time.Since(start)
	runtime.ReadMemStats(&after)
	var end runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&end)

	slices.Sort(times)
	at := func(part float64) uint32 { return times[int(part*float64(len(times)-1))] }
	fmt.Print(dc.describe())
	fmt.Printf("\nbuilt in        %d ms\n", built.Milliseconds())
	fmt.Printf("placed in       %d ms: %.0f placements a second\n", took.Milliseconds(),
		float64(size.placements)/took.Seconds())
	fmt.Printf("a placement     median %d ns, 99th percentile %d ns, with the clock read once each\n", at(0.5),
		at(0.99))
	fmt.Printf("allocations     %.4f a placement, %.1f bytes\n",
		float64(after.Mallocs-before.Mallocs)/float64(size.placements),
		float64(after.TotalAlloc-before.TotalAlloc)/float64(size.placements))
	fmt.Printf("memory          %d MiB from the system at most, %d MiB for the cluster, its tasks and these figures\n",
		end.Sys>>20, end.HeapAlloc>>20)
	return nil
}
