// Jetstream runs a control plane on several machines: members that follow one leader, agents elsewhere, and NATS
// JetStream between them.
//
//	go run . -demo                # three NATS servers, three members, five agents and a proxy, as processes here
//	go run . -demo -short         # one NATS server and two agents
//	go run . -schedules 20        # random kills, pauses and cuts, with a checker over the history
//	go run . -failovers 20        # how long no write is accepted when the leader is killed
//	go run . -bench               # appends and launches a second, and recovery
//
// On machines of your own, with NATS servers that force writes to the disk (sync_interval: always):
//
//	jetstream member -name a -nats nats://n1:4222,nats://n2:4222 -monitors http://n1:8222,http://n2:8222 -replicas 3 \
//		-addr 0.0.0.0:8090 -allow-host ecs.example -key api.key
//	jetstream agent -name i-0000000000000000a -nats nats://n1:4222,nats://n2:4222 -directory /var/lib/agent \
//		-address 10.0.0.7 -allow /usr/local/bin
//	jetstream resign -to b -nats nats://n1:4222   # before an upgrade of the leader
//
// Whoever has the API's key, or reaches the NATS servers, runs the programs that -allow admits.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
)

// options are what the command line says.
type options struct {
	demo, short, bench   bool
	schedules, failovers int
	seed                 uint64
	rate                 int
	directory            string // of all that the processes keep; "": a temporary one
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "jetstream:", err)
		stop()
		os.Exit(1)
	}
}

// roles are what this program does in processes of its own.
func roles() map[string]func(context.Context, []string) error {
	return map[string]func(context.Context, []string) error{"nats": natsRole, "member": memberRole, "agent": agentRole,
		"proxy": proxyRole, "web": webRole, "resign": resignRole}
}

// run is the program: one of the roles, or what the flags ask for.
func run(ctx context.Context, args []string, out io.Writer) error {
	if len(args) > 0 {
		if play, ok := roles()[args[0]]; ok {
			return play(ctx, args[1:])
		}
	}
	var o options
	flags := flag.NewFlagSet("jetstream", flag.ContinueOnError)
	flags.BoolVar(&o.demo, "demo", false, "kill and cut off members of a control plane under load")
	flags.BoolVar(&o.short, "short", false, "one NATS server, two agents, and fewer acts")
	flags.BoolVar(&o.bench, "bench", false, "measure appends and launches a second, and recovery")
	flags.IntVar(&o.schedules, "schedules", 0, "play so many random schedules of faults")
	flags.IntVar(&o.failovers, "failovers", 0, "kill the leader so many times, and measure")
	flags.Uint64Var(&o.seed, "seed", 1, "of the first schedule")
	flags.IntVar(&o.rate, "rate", 100, "requests a second to the service")
	flags.StringVar(&o.directory, "directory", "", "where the processes keep everything; empty: a temporary directory")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return nil
		}
		return err
	}
	switch {
	case len(flags.Args()) > 0:
		return fmt.Errorf("%q is not a flag, and not a role", flags.Arg(0))
	case o.rate < 1 || o.rate > 5000:
		return fmt.Errorf("-rate %d is not from 1 to 5000", o.rate)
	case o.bench:
		return bench(ctx, o, out)
	case !o.demo && o.schedules == 0 && o.failovers == 0:
		return errors.New("say -demo, -schedules, -failovers or -bench")
	}
	return perform(ctx, o, out)
}

// perform starts the crew, and has it play what the options ask for.
func perform(ctx context.Context, o options, out io.Writer) (err error) {
	directory := o.directory
	if directory == "" {
		if directory, err = os.MkdirTemp("", "jetstream"); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(directory)) }()
	}
	if directory, err = filepath.Abs(directory); err != nil {
		return err
	}
	c, err := newCrew(directory, o.short)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.end()) }()
	if err := c.begin(ctx); err != nil {
		return err
	}
	switch {
	case o.schedules > 0:
		return playSchedules(ctx, c, o, out)
	case o.failovers > 0:
		return measureFailovers(ctx, c, o, out)
	}
	return show(ctx, c, o, out)
}
