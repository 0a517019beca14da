package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
)

// BenchmarkAppend measures what a record costs: alone or in company, synced or not.
func BenchmarkAppend(b *testing.B) {
	for _, sync := range []Sync{SyncAlways, SyncNever} {
		for _, batch := range []int{1, 64} {
			b.Run(fmt.Sprintf("sync=%v/batch=%d", sync == SyncAlways, batch), func(b *testing.B) {
				_, j := open(b, b.TempDir(), Config{Sync: sync})
				records := make([]control.Record, batch)
				for i := range records {
					records[i] = control.Record{At: ecs.At(start), Op: "Observe", Input: json.RawMessage(
						`{"type":"TaskStateChange","value":{"cluster":"default","task":"0123456789abcdef0123456789abcdef","status":"RUNNING"}}`)}
				}
				sequence := uint64(0)
				b.ReportAllocs()
				for b.Loop() {
					for i := range records {
						sequence++
						records[i].Sequence = sequence
					}
					if err := j.Append(context.Background(), records); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(sequence), "ns/record")
			})
		}
	}
}

// BenchmarkOpen measures the way back: a snapshot, and the records behind it, re-executed.
func BenchmarkOpen(b *testing.B) {
	const steps = 2000
	for _, snapshot := range []bool{false, true} {
		b.Run(fmt.Sprintf("steps=%d/snapshot=%v", steps, snapshot), func(b *testing.B) {
			dir := b.TempDir()
			p, j := open(b, dir, Config{Sync: SyncNever})
			for i := range steps {
				step(b, p, i)
				keep(b, p, j)
			}
			if snapshot {
				if err := j.Snapshot(context.Background(), p.Save().Snapshot()); err != nil {
					b.Fatal(err)
				}
			}
			if err := j.Close(); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				_, j, err := Open(dir, Config{})
				if err != nil {
					b.Fatal(err)
				}
				if err := j.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
