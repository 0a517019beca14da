package main

import (
	"context"
	"flag"
	"io"
	"os"
	"os/signal"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// servers are the flags of every role that uses NATS.
type servers struct {
	urls   string
	prefix string
	crewed bool
}

func (s *servers) flags(f *flag.FlagSet) {
	f.StringVar(&s.urls, "nats", "nats://127.0.0.1:4222", "URLs of the NATS servers, with commas")
	f.StringVar(&s.prefix, "installation", "bayplan", "the first part of the names of streams and subjects")
	f.BoolVar(&s.crewed, "crewed", false, "end when the standard input does")
}

// connect returns a connection that is made again for ever when it is lost. While there is none nothing is sent later:
// what a member or an agent said before is out of date then.
func (s *servers) connect(name string) (*nats.Conn, error) {
	return nats.Connect(s.urls, nats.Name(name), nats.MaxReconnects(-1), nats.ReconnectWait(200*time.Millisecond),
		nats.ReconnectJitter(100*time.Millisecond, 100*time.Millisecond), nats.RetryOnFailedConnect(true),
		nats.Timeout(2*time.Second), nats.PingInterval(2*time.Second), nats.MaxPingsOutstanding(2),
		nats.ReconnectBufSize(-1), nats.IgnoreDiscoveredServers())
}

// crewedContext returns a context that ends with the standard input, where a crew has started the process: an interrupt
// is the crew's affair then.
func (s *servers) crewedContext(ctx context.Context) context.Context {
	if s.crewed {
		return crewed(ctx)
	}
	return ctx
}

func crewed(ctx context.Context) context.Context {
	signal.Ignore(os.Interrupt)
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // it ends when the crew does
		cancel()
	}()
	return ctx
}

// list splits a flag with commas.
func list(flag string) (all []string) {
	for _, part := range strings.Split(flag, ",") {
		if part = strings.TrimSpace(part); part != "" {
			all = append(all, part)
		}
	}
	return all
}
