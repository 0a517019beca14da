// Package play plays the drill's scenarios with a command: each in a fresh world on loopback.
//
// # Start here
//
// [All] plays scenarios at paces, and hands out each result as it comes. A [Tool] is what is played with: a program
// (package command), or a function of a test (package drill).
package play

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/bayplan/bayplan/examples/drill/scenario"
	"github.com/bayplan/bayplan/examples/drill/stage"
	"github.com/bayplan/bayplan/examples/drill/verdict"
)

// Tool deploys: it calls the endpoint as it would call AWS, and says how that ended. It ends when the context does.
// Deploy is called twice at the same time in a scenario that has two runs.
type Tool interface {
	Deploy(ctx context.Context, endpoint string, names scenario.Names) verdict.Ending
}

// Config is what is played.
type Config struct {
	Scenarios []scenario.Scenario
	Paces     []stage.Pace
	Names     scenario.Names
	Timeout   time.Duration // of each run of the tool; 0: two minutes
	Seed      uint64
	Told      verdict.Told
	// Keep is called with the endpoint of each world before it ends; nil: nothing is called.
	Keep func(endpoint string, r verdict.Result)
}

// All plays each scenario at each pace, until the context ends, and calls each with its result.
func All(ctx context.Context, c Config, tool Tool, each func(verdict.Result)) {
	for _, s := range c.Scenarios {
		for _, pace := range c.Paces {
			if ctx.Err() != nil {
				return
			}
			each(c.one(ctx, s, pace, tool))
		}
	}
}

// one plays a scenario at a pace.
func (c Config) one(ctx context.Context, s scenario.Scenario, pace stage.Pace, tool Tool) verdict.Result {
	broken := func(err error) verdict.Result {
		return verdict.Judge(s, pace, verdict.Run{Ending: verdict.Ending{Err: err}})
	}
	timeout := cmp.Or(c.Timeout, 2*time.Minute)
	world, err := stage.New(stage.Config{Scenario: s, Names: c.Names, Pace: pace, Seed: c.Seed, Patience: timeout / 4})
	if err != nil {
		return broken(err)
	}
	runs := make([]verdict.Run, s.Runs())
	endpoints := make([]string, len(runs))
	for i := range runs {
		endpoint, end, err := serve(world.Handler(i))
		if err != nil {
			return broken(err)
		}
		defer end()
		endpoints[i] = endpoint
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	var all sync.WaitGroup
	for i := range runs {
		all.Go(func() {
			runs[i].Ending = c.deploy(limited, tool, endpoints[i], world.Names())
			world.Ended(i)
		})
	}
	all.Wait()
	facts, err := world.End()
	switch {
	case err != nil:
		return broken(err)
	case ctx.Err() != nil:
		return broken(fmt.Errorf("the drill was ended: %w", ctx.Err()))
	}
	for i := range runs {
		runs[i].Facts = facts[i]
	}
	r := verdict.Judge(s, pace, runs...)
	if c.Keep != nil {
		c.Keep(endpoints[0], r)
	}
	return r
}

// deploy is a run of the tool.
func (c Config) deploy(ctx context.Context, tool Tool, endpoint string, names scenario.Names) verdict.Ending {
	began := time.Now()
	ending := tool.Deploy(ctx, endpoint, names)
	ending.Wall, ending.Told = time.Since(began), c.Told
	return ending
}

// serve serves a world on a free port of loopback. end waits for nobody.
func serve(world http.Handler) (endpoint string, end func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: world, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10,
		ErrorLog: log.New(io.Discard, "", 0)} // a connection that is cut is not worth a line
	go func() { _ = server.Serve(listener) }()
	return "http://" + listener.Addr().String(), func() { _ = server.Close() }, nil
}
