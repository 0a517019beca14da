//go:build unix

package autoscale

import (
	"syscall"
	"testing"
	"time"
)

// The processor time of a year, which says more than the wall's on a machine that others share.
func BenchmarkReplayProcessorTime(b *testing.B) {
	used := func() time.Duration {
		var u syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
			b.Skip(err)
		}
		return time.Duration(u.Utime.Nano() + u.Stime.Nano())
	}
	r, load := year()
	before := used()
	for b.Loop() {
		if _, err := r.Run(load); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric((used()-before).Seconds()/float64(b.N), "cpu-s/year")
}
