package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/driver/proxy"
	shared "github.com/bayplan/bayplan/examples/crew"
	"github.com/bayplan/bayplan/examples/jetstream/bus"
	"github.com/bayplan/bayplan/examples/jetstream/check"
	"github.com/bayplan/bayplan/examples/jetstream/journal"
	"github.com/bayplan/bayplan/examples/jetstream/lead"
	"github.com/bayplan/bayplan/examples/jetstream/remote"
	"github.com/bayplan/bayplan/examples/jetstream/serve"
	"github.com/bayplan/bayplan/examples/jetstream/stream"
	"github.com/bayplan/bayplan/examples/localecs/front"
)

// memberOptions are what the command line of a member says.
type memberOptions struct {
	servers
	name     string
	settings stream.Settings
	address  string
	hosts    string
	key      string
	balancer string // directory of the proxy
	every    int
	rules    string
}

func (o *memberOptions) parse(args []string) error {
	flags := flag.NewFlagSet("member", flag.ContinueOnError)
	o.flags(flags)
	monitors := ""
	flags.StringVar(&o.name, "name", "", "of the member: unique, without spaces and dots")
	flags.IntVar(&o.settings.Replicas, "replicas", 3, "of the journal")
	flags.Int64Var(&o.settings.MaxBytes, "max-bytes", 0, "of the journal; 0: 1 GiB")
	flags.StringVar(&monitors, "monitors", "", "monitoring URLs of all NATS servers, with commas")
	flags.BoolVar(&o.settings.Unsynced, "unsynced", false, "accept servers that may lose what they acknowledged")
	flags.StringVar(&o.address, "addr", "127.0.0.1:8090", "where the ECS API is")
	flags.StringVar(&o.hosts, "allow-host", "", "names by which clients call the API, with commas")
	flags.StringVar(&o.key, "key", "", "a `file` with the key of the API, as JSON: id and secret")
	flags.StringVar(&o.balancer, "proxy", "", "the `directory` of the proxy of this machine; empty: there is none")
	flags.IntVar(&o.every, "snapshot-every", 0, "records from one snapshot to the next; 0: 10,000")
	flags.StringVar(&o.rules, "rules", "", "say so of this version's rules, to rehearse an upgrade; empty: the truth")
	if err := flags.Parse(args); err != nil {
		return err
	}
	o.settings.Name, o.settings.Monitors = o.prefix, list(monitors)
	if o.name == "" || o.key == "" {
		return errors.New("a member needs -name and -key")
	}
	return nil
}

// memberRole is a member of the control plane until it is interrupted: then it resigns.
func memberRole(ctx context.Context, args []string) error {
	var o memberOptions
	if err := o.parse(args); err != nil {
		return err
	}
	ctx = o.crewedContext(ctx)
	key, err := shared.ReadKey(o.key)
	if err != nil {
		return err
	}
	socket, err := net.Listen("tcp", o.address)
	if err != nil {
		return err
	}
	defer socket.Close()
	nc, err := o.connect(o.name)
	if err != nil {
		return err
	}
	defer nc.Close()
	s, objects, err := o.open(ctx, nc)
	if err != nil {
		return err
	}
	m := o.member(nc, s, objects)
	handler, err := serve.New(serve.Config{Member: m.Member, Name: o.name, Bus: m.bus, Prefix: o.prefix,
		Recent: m.recent, Front: front.Config{AllowHosts: list(o.hosts), Secret: func(id string) (string, bool) {
			return key.Secret, id == key.ID
		}}})
	if err != nil {
		return err
	}
	return m.serve(ctx, handler, socket, nc)
}

// open opens the journal, and waits for servers as long as it must.
func (o *memberOptions) open(ctx context.Context, nc *nats.Conn) (stream.Stream, stream.Objects, error) {
	if o.settings.Unsynced {
		fmt.Fprintln(os.Stderr, "WARNING: -unsynced: a loss of power may lose what was acknowledged")
	}
	for {
		s, objects, err := stream.Open(ctx, nc, o.settings)
		silent := errors.Is(err, nats.ErrTimeout) || errors.Is(err, nats.ErrNoResponders) ||
			errors.Is(err, context.DeadlineExceeded)
		if ctx.Err() != nil || !silent {
			return s, objects, err
		}
	}
}

// member is a member with what it is made of.
type member struct {
	*lead.Member
	options *memberOptions
	bus     bus.Bus
	recent  *front.Recent
}

func (o *memberOptions) member(nc *nats.Conn, s stream.Stream, objects stream.Objects) *member {
	b, recent := bus.New(nc), &front.Recent{}
	logger := slog.New(slog.NewTextHandler(os.Stderr, nil))
	config := lead.Config{Name: o.name, Prefix: o.prefix, Stream: s, Objects: objects, Bus: b, Logger: logger,
		Journal: journal.Config{SnapshotEvery: o.every, Rules: o.rules,
			Plane: control.Config{Seed: rand.Uint64(), OwnLoadBalancers: o.balancer != ""}},
		Runtime: func(term uint64) driver.Runtime {
			rt := driver.Runtime{Agent: remote.Agents{Bus: b, Prefix: o.prefix, Term: term}, Observe: recent.Observe}
			if o.balancer != "" {
				r := proxy.NewRemote(o.balancer)
				rt.Targets, rt.Listeners, rt.Metrics = r, r, r
			}
			return rt
		},
		Watch: func(ctx context.Context, loop *driver.Loop) error {
			if o.balancer != "" {
				go func() { _ = proxy.NewRemote(o.balancer).Watch(ctx, loop.Notify) }() // it ends with the context
			}
			return remote.Watch(ctx, b, o.prefix, o.name, loop)
		}}
	return &member{lead.New(config), o, b, recent}
}

// serve runs the member and its API.
func (m *member) serve(ctx context.Context, handler *serve.Handler, socket net.Listener, nc *nats.Conn) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	forwarded, err := handler.Listen()
	if err != nil {
		return err
	}
	defer forwarded()
	for subject, f := range map[string]func([]byte) []byte{"state": m.state, "resign": m.resign} {
		cancel, err := m.bus.Subscribe(m.options.prefix+"."+subject+"."+m.options.name, f)
		if err != nil {
			return err
		}
		defer cancel()
	}
	server := &http.Server{Handler: handler, MaxHeaderBytes: 64 << 10, ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout: time.Minute, WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute}
	var parts sync.WaitGroup
	failed := make(chan error, 2)
	parts.Go(func() { defer stop(); failed <- server.Serve(socket) })
	parts.Go(func() { defer stop(); failed <- m.Run(ctx) })
	<-ctx.Done()
	_ = server.Close() // Serve says that it has ended
	parts.Wait()
	_ = nc.FlushTimeout(time.Second) // the resignation
	for range 2 {
		err := <-failed
		if err != nil && !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, context.Canceled) {
			return err
		}
	}
	return nil
}

// state answers what the member's plane is.
func (m *member) state([]byte) (back []byte) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	_, err := m.Read(ctx, func(p *control.Plane, _ time.Time) (err error) {
		back, err = json.Marshal(check.Look(m.options.name, p))
		return err
	})
	if err != nil {
		return nil
	}
	return back
}

// resign has the leader resign to the named member.
func (m *member) resign(to []byte) []byte {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := m.Resign(ctx, string(to)); err != nil {
		return []byte(err.Error())
	}
	return []byte("resigned")
}

// resignRole has whichever member leads resign.
func resignRole(ctx context.Context, args []string) error {
	var s servers
	flags := flag.NewFlagSet("resign", flag.ContinueOnError)
	s.flags(flags)
	to := flags.String("to", "", "the member that is to lead")
	if err := flags.Parse(args); err != nil {
		return err
	}
	nc, err := s.connect("resign")
	if err != nil {
		return err
	}
	defer nc.Close()
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	leader, err := leaderOf(ctx, bus.New(nc), s.prefix)
	if err != nil {
		return err
	}
	back, err := bus.New(nc).Request(ctx, s.prefix+".resign."+leader, []byte(*to))
	if err == nil && string(back) != "resigned" {
		err = fmt.Errorf("%s: %s", leader, back)
	}
	return err
}

// leaderOf returns the name of the member that leads.
func leaderOf(ctx context.Context, b bus.Bus, prefix string) (string, error) {
	leases := make(chan lead.Lease, 1)
	cancel, err := b.Subscribe(lead.LeaseSubject(prefix), func(data []byte) []byte {
		var l lead.Lease
		if json.Unmarshal(data, &l) == nil && !l.Resigned {
			select {
			case leases <- l:
			default:
			}
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	defer cancel()
	select {
	case l := <-leases:
		return l.Member, nil
	case <-ctx.Done():
		return "", fmt.Errorf("no member leads: %w", ctx.Err())
	}
}
