package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/bayplan/bayplan/examples/import/ask"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/formats"
	"github.com/bayplan/bayplan/examples/import/hpa"
	"github.com/bayplan/bayplan/examples/import/kubernetes"
	"github.com/bayplan/bayplan/examples/import/record"
	"github.com/bayplan/bayplan/examples/import/source"
	"github.com/bayplan/bayplan/examples/import/up"
	"github.com/bayplan/bayplan/examples/localecs/front"
	"github.com/bayplan/bayplan/examples/whatif/replay"
)

// actions are what is done with the documents besides printing them.
type actions struct {
	whatif                                bool
	instances, tasks, prices, load, chart string
	perTask                               float64
	startup                               time.Duration
	back                                  bool
	up, address                           string
	record                                bool
	strategy, script                      string
}

func (a *actions) register(f *flag.FlagSet) {
	f.BoolVar(&a.whatif, "whatif", false,
		"go on: do the services fit, do their rollouts end, which fleet holds them, how do they scale")
	f.StringVar(&a.instances, "container-instances", "", "what describe-container-instances prints, for -whatif")
	f.StringVar(&a.tasks, "tasks", "", "what describe-tasks prints, for -whatif")
	f.StringVar(&a.prices, "prices", "",
		"a JSON file of prices an hour, for -whatif: instanceHour, fargateVcpuHour, fargateGbHour")
	f.StringVar(&a.load, "load", "", "a CSV file of time and load, for -whatif")
	f.Float64Var(&a.perTask, "per-task", 100, "load that one task carries at full use, for -load")
	f.DurationVar(&a.startup, "startup", time.Minute, "time from a decision to a task that runs, for -load")
	f.StringVar(&a.chart, "chart", "",
		"a directory for the charts and tables of -load, an SVG and a CSV file for each service")
	f.BoolVar(&a.back, "back", false,
		"the way back: write task definitions and services of ECS as manifests of Kubernetes")
	f.BoolVar(&a.record, "record", false,
		"replay what a cluster printed: describe-* outputs and events of EventBridge, as JSON lines")
	f.StringVar(&a.strategy, "strategy", "",
		"the other placement strategy for -record, such as spread:instanceId,binpack:memory")
	f.StringVar(&a.script, "script", "", "a file for the scenario of -record, which package sim plays")
	f.StringVar(&a.up, "up", "", "where to run the documents: localecs")
	f.StringVar(&a.address, "addr", "127.0.0.1:8090", "where -up listens")
}

// most is how large a file may be.
func (a *actions) most() int64 {
	if a.record {
		return record.MostBytes
	}
	return source.MostBytes
}

// do carries out what was asked for. Printed reports whether that replaces printing the documents.
func (a *actions) do(r *document.Result, out io.Writer) (printed bool, err error) {
	if a.up != "" && a.up != "localecs" {
		return true, fmt.Errorf("-up %s: examples/%[1]s does not exist yet; -up localecs runs the documents in a "+
			"simulated ECS", a.up)
	}
	if a.whatif {
		q, err := a.question()
		if err != nil {
			return true, err
		}
		if err := ask.Services(out, r, q); err != nil {
			return true, err
		}
	}
	if a.up != "" {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
		defer stop()
		return true, a.serve(ctx, r, out)
	}
	return a.whatif, nil
}

// replayed replays a recording as it was, and with another strategy if there is one.
func (a *actions) replayed(files []formats.File, out io.Writer) error {
	data := map[string][]byte{}
	for _, f := range files {
		data[f.Name] = f.Data
	}
	r, err := record.Read(data)
	if err != nil {
		return err
	}
	if a.script != "" {
		text, err := r.Script(record.Options{})
		if err != nil {
			return err
		}
		if err := os.WriteFile(a.script, []byte(text), 0o600); err != nil {
			return err
		}
	}
	names, options := []string{"as recorded"}, []record.Options{{}}
	if a.strategy != "" {
		strategy, err := record.ParseStrategy(a.strategy)
		if err != nil {
			return err
		}
		names, options = append(names, a.strategy), append(options, record.Options{Strategy: strategy})
	}
	var list []record.Summary
	for _, o := range options {
		s, err := r.Replay(o)
		if err != nil {
			return err
		}
		list = append(list, s)
	}
	if err := record.Text(out, names, list); err != nil {
		return err
	}
	for _, n := range r.Notes {
		if _, err := fmt.Fprintln(out, n); err != nil {
			return err
		}
	}
	return nil
}

// question reads the files of -whatif.
func (a *actions) question() (q ask.Question, err error) {
	q.PerTask, q.Startup = a.perTask, a.startup
	for _, f := range []struct {
		name string
		to   *[]byte
	}{{a.instances, &q.Instances}, {a.tasks, &q.Tasks}} {
		if f.name != "" {
			if *f.to, err = os.ReadFile(f.name); err != nil {
				return q, err
			}
		}
	}
	if a.prices != "" {
		data, err := os.ReadFile(a.prices)
		if err != nil {
			return q, err
		}
		d := json.NewDecoder(bytes.NewReader(data))
		d.DisallowUnknownFields()
		if err := d.Decode(&q.Prices); err != nil {
			return q, fmt.Errorf("%s: %w", a.prices, err)
		}
	}
	if a.load != "" {
		data, err := os.ReadFile(a.load)
		if err != nil {
			return q, err
		}
		if q.Load, err = replay.ParseLoad(bytes.NewReader(data)); err != nil {
			return q, fmt.Errorf("%s: %w", a.load, err)
		}
	}
	if a.chart != "" {
		q.Chart = a.charts
	}
	return q, nil
}

// charts writes the chart and the table of a service.
func (a *actions) charts(service string, c hpa.Comparison) error {
	if err := os.MkdirAll(a.chart, 0o755); err != nil {
		return err
	}
	for ext, write := range map[string]func(io.Writer) error{".svg": c.Chart, ".csv": c.CSV} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(a.chart, document.Name(service)+ext), b.Bytes(), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// serve runs the documents on a simulated ECS until ctx ends.
func (a *actions) serve(ctx context.Context, r *document.Result, out io.Writer) error {
	server, err := front.New(front.Config{Seed: 1, Instances: 3, Explain: true})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", a.address)
	if err != nil {
		return errors.Join(err, server.Close())
	}
	h := &http.Server{Handler: server, MaxHeaderBytes: 64 << 10, ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout:  time.Minute,
		WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(listener) }()
	url := "http://" + listener.Addr().String()
	refused := up.Apply(ctx, out, url, r)
	_, err = fmt.Fprintf(out, "\nAmazon ECS at %s\nWhat happens is shown at %[1]s/_local/timeline?format=html\n", url)
	if err == nil {
		<-ctx.Done()
	}
	err = errors.Join(err, h.Close())
	if served := <-ended; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return errors.Join(refused, err, server.Close())
}

// writeBack writes documents of ECS as manifests of Kubernetes, and the report.
func (s *settings) writeBack(files []formats.File, out io.Writer) error {
	var definitions, services, read []*source.Value
	for _, f := range files {
		list, err := source.Parse(f.Name, f.Data)
		if err != nil {
			return err
		}
		for _, v := range list {
			read = append(read, v)
			switch {
			case formats.Recognize(v) != formats.Native || v.Is(source.List):
				return fmt.Errorf("%s:%d: -back takes task definitions and services of ECS", f.Name, v.Line)
			case v.Get("taskDefinition").Is(source.Map):
				definitions = append(definitions, v.Get("taskDefinition"))
			case v.Get("containerDefinitions").Has():
				definitions = append(definitions, v)
			case v.Get("services").Has():
				services = append(services, v.Get("services").Items()...)
			default:
				services = append(services, v)
			}
		}
	}
	text, err := kubernetes.Write(definitions, services)
	if err != nil {
		return err
	}
	if _, err := out.Write(append(text, '\n')); err != nil {
		return err
	}
	r := document.Result{Read: read}
	return r.Report(out, s.all)
}
