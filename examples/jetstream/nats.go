package main

import (
	"context"
	"flag"

	"github.com/bayplan/bayplan/examples/jetstream/embedded"
)

// natsRole runs a NATS server on loopback until its crew ends.
func natsRole(ctx context.Context, args []string) error {
	var c embedded.Config
	var peers string
	flags := flag.NewFlagSet("nats", flag.ContinueOnError)
	flags.StringVar(&c.Name, "name", "one", "of the server")
	flags.StringVar(&c.Directory, "directory", "", "where it keeps its files")
	flags.IntVar(&c.Port, "port", 4222, "for clients")
	flags.IntVar(&c.Monitor, "monitor", 8222, "for monitoring by HTTP")
	flags.IntVar(&c.Cluster, "cluster", 0, "for its peers")
	flags.StringVar(&peers, "peers", "", "addresses of all servers of the cluster, with commas")
	if err := flags.Parse(args); err != nil {
		return err
	}
	c.Peers = list(peers)
	ctx = crewed(ctx)
	s, err := embedded.Start(c)
	if err != nil {
		return err
	}
	<-ctx.Done()
	s.Shutdown()
	s.WaitForShutdown()
	return nil
}
