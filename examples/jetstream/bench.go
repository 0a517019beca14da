package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	natsserver "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	filejournal "github.com/bayplan/bayplan/ecs/driver/journal"
	"github.com/bayplan/bayplan/examples/jetstream/embedded"
	"github.com/bayplan/bayplan/examples/jetstream/journal"
	"github.com/bayplan/bayplan/examples/jetstream/stream"
)

// laboratory is NATS servers inside this program, for measurements.
type laboratory struct {
	directory string
	servers   []*natsserver.Server
	nc        *nats.Conn
}

func newLaboratory(directory string, servers int) (*laboratory, error) {
	l := &laboratory{directory: directory}
	ports, err := freePorts(2 * servers)
	if err != nil {
		return nil, err
	}
	var peers, urls []string
	for i := range servers {
		peers = append(peers, fmt.Sprintf("127.0.0.1:%d", ports[2*i+1]))
		urls = append(urls, fmt.Sprintf("nats://127.0.0.1:%d", ports[2*i]))
	}
	if servers == 1 {
		peers = nil
	}
	for i := range servers {
		s, err := embedded.Start(embedded.Config{Name: fmt.Sprintf("nats%d", i+1), Port: ports[2*i], Peers: peers,
			Cluster: ports[2*i+1], Directory: filepath.Join(directory, fmt.Sprintf("nats%d", i+1))})
		if err != nil {
			l.close()
			return nil, err
		}
		l.servers = append(l.servers, s)
	}
	if l.nc, err = nats.Connect(strings.Join(urls, ",")); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *laboratory) close() {
	if l.nc != nil {
		l.nc.Close()
	}
	for _, s := range l.servers {
		s.Shutdown()
		s.WaitForShutdown()
	}
}

// open opens a journal of its own. The servers force writes to the disk: they are this program's.
func (l *laboratory) open(ctx context.Context, name string) (stream.Stream, stream.Objects, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return stream.Open(ctx, l.nc, stream.Settings{Name: name, Replicas: len(l.servers), MaxBytes: 2 << 30,
		Unsynced: true})
}

// bench measures in one run what the journals cost beside each other, launches, and recovery.
func bench(ctx context.Context, o options, out io.Writer) error {
	directory, err := os.MkdirTemp(o.directory, "bench")
	if err != nil {
		return err
	}
	err = measure(ctx, directory, o.short, out)
	return errors.Join(err, os.RemoveAll(directory))
}

func measure(ctx context.Context, directory string, short bool, out io.Writer) error {
	lasts, scale := 3*time.Second, 1
	if short {
		lasts, scale = time.Second, 100
	}
	for _, servers := range []int{1, 3} {
		l, err := newLaboratory(filepath.Join(directory, fmt.Sprintf("r%d", servers)), servers)
		if err != nil {
			return err
		}
		if err = measureAppends(ctx, l, lasts, out); err == nil {
			err = measureLaunches(ctx, l, 2000/scale, out)
		}
		if err == nil && servers == 1 {
			err = measureRecovery(ctx, l, 1_000_000/scale, 100_000/scale, out)
		}
		l.close()
		if err != nil {
			return err
		}
	}
	return nil
}

// measureAppends appends to the file journal and to the stream, by turns, with one writer.
func measureAppends(ctx context.Context, l *laboratory, lasts time.Duration, out io.Writer) error {
	s, objects, err := l.open(ctx, "appends")
	if err != nil {
		return err
	}
	_, nats, err := journal.Open(ctx, s, objects, journal.Config{SnapshotEvery: -1})
	if err != nil {
		return err
	}
	_, file, err := filejournal.Open(filepath.Join(l.directory, "file"), filejournal.Config{})
	if err != nil {
		return err
	}
	defer file.Close()
	kinds := []struct {
		name    string
		journal driver.Journal
		next    uint64
	}{{"file", file, 1}, {fmt.Sprintf("R%d", len(l.servers)), nats, 1}}
	for _, batch := range []int{1, 100} {
		for i := range kinds {
			k := &kinds[i]
			var took []time.Duration
			for end := time.Now().Add(lasts); time.Now().Before(end); {
				began := time.Now()
				if err := k.journal.Append(ctx, someRecords(k.next, batch)); err != nil {
					return err
				}
				took = append(took, time.Since(began))
				k.next += uint64(batch)
			}
			slices.Sort(took)
			rate, round := float64(len(took))/lasts.Seconds(), 10*time.Microsecond
			fmt.Fprintf(out, "%-5s %3d records an append: %6.0f appends/s, %7.0f records/s, half within %s, "+
				"99%% within %s\n", k.name, batch, rate, rate*float64(batch), took[len(took)/2].Round(round),
				took[len(took)*99/100].Round(round))
		}
	}
	return nil
}

// someRecords returns records as a plane's are, of the size of one about a task.
func someRecords(first uint64, n int) (all []control.Record) {
	input := []byte(`{"cluster":"default","tags":[{"key":"name","value":"` + strings.Repeat("x", 200) + `"}]}`)
	for i := range n {
		all = append(all, control.Record{Sequence: first + uint64(i), Op: "CreateCluster", Input: input})
	}
	return all
}

// clusterRecords makes records of a plane: changes of a cluster's settings.
func clusterRecords(p *control.Plane, from time.Time, n int) ([]control.Record, error) {
	for i := range n {
		value := []string{"enabled", "disabled"}[i%2]
		if _, err := p.UpdateClusterSettings(from.Add(time.Duration(i)*time.Millisecond), settings(value)); err != nil {
			return nil, err
		}
	}
	ready := p.Ready()
	p.Advance(ready)
	return ready.Records, nil
}

func settings(value string) api.UpdateClusterSettingsInput {
	return api.UpdateClusterSettingsInput{Cluster: "default", Settings: []ecs.ClusterSetting{{
		Name: "containerInsights", Value: value}}}
}
