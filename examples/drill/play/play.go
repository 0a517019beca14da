// Package play plays the drill's scenarios with a command: each in a fresh world on loopback.
//
// # Start here
//
// [All] plays scenarios at paces, and hands out each result as it comes. A [Tool] is what is played with: a program
// (package command), or a function of a test (package drill).
package play

import (
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"github.com/bayplan/bayplan/examples/drill/scenario"
	"github.com/bayplan/bayplan/examples/drill/stage"
	"github.com/bayplan/bayplan/examples/drill/verdict"
)

// Tool deploys: it calls the endpoint as it would call AWS, and says how that ended. It ends when the context does.
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
		return verdict.Judge(s, pace, stage.Facts{}, verdict.Ending{Err: err})
	}
	world, err := stage.New(stage.Config{Scenario: s, Names: c.Names, Pace: pace, Seed: c.Seed})
	if err != nil {
		return broken(err)
	}
	endpoint, end, err := serve(world)
	if err != nil {
		return broken(err)
	}
	defer end()
	timeout := c.Timeout
	if timeout == 0 {
		timeout = 2 * time.Minute
	}
	limited, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	began := time.Now()
	ending := tool.Deploy(limited, endpoint, world.Names())
	ending.Wall, ending.Told = time.Since(began), c.Told
	if ctx.Err() != nil && ending.Err == nil {
		ending.Err = fmt.Errorf("the drill was ended: %w", ctx.Err())
	}
	facts, err := world.End()
	if err != nil {
		ending.Err = err
	}
	r := verdict.Judge(s, pace, facts, ending)
	if c.Keep != nil {
		c.Keep(endpoint, r)
	}
	return r
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
