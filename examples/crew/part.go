package crew

import (
	"context"
	"flag"
	"io"
	"net"
	"os"
	"os/signal"
	"time"

	"github.com/bayplan/bayplan/ecs/driver/proxy"
)

// Part is what the program has told the process of a role.
type Part struct {
	Directory string
	Clock     Clock
	Socket    net.Listener // of the API; nil: there is none
}

// ParsePart reads the arguments of a role, with further flags that more declares unless it is nil. It returns a context
// that ends with the program. An interrupt is the program's affair.
func ParsePart(ctx context.Context, args []string, more func(*flag.FlagSet)) (context.Context, Part, error) {
	var p Part
	flags := flag.NewFlagSet("part", flag.ContinueOnError)
	flags.StringVar(&p.Directory, "directory", "", "where the crew keeps everything")
	flags.IntVar(&p.Clock.Speed, "speed", 1, "of the clock")
	flags.Func("from", "when the clock began", func(s string) (err error) {
		p.Clock.From, err = time.Parse(time.RFC3339Nano, s)
		return err
	})
	api := flags.Bool("api", false, "")
	if more != nil {
		more(flags)
	}
	if err := flags.Parse(args); err != nil {
		return nil, p, err
	}
	if *api {
		var err error
		if p.Socket, err = inherited(); err != nil {
			return nil, p, err
		}
	}
	signal.Ignore(os.Interrupt)
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // it ends when the program does
		cancel()
	}()
	return ctx, p, nil
}

// Proxy runs the load balancer until the context ends. Address returns the address of an instance.
func (p Part) Proxy(ctx context.Context, address func(instance string) (string, bool)) error {
	return proxy.Serve(ctx, p.Directory, proxy.Config{Clock: p.Clock, Address: address})
}
