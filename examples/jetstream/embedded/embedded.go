// Package embedded runs a NATS server with JetStream inside the program.
//
// # Start here
//
// A program that is to need nothing installed, and a test, call [Start].
//
// # Model
//
// A server forces each write to the disk before it acknowledges it, listens on the loopback address without TLS, and
// knows its peers by their addresses. Three servers with the same Peers make a cluster.
//
// # Guarantees
//
//  1. A stream of a server that was shut down is there when it starts again with the same directory
//     (TestStartsAgain).
//
// # Differences from ECS
//
// AWS does not publish how it keeps ECS's state.
//
// # Example
//
// See TestStartsAgain.
package embedded

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Config says where a server listens and keeps its files.
type Config struct {
	Name      string
	Directory string
	Port      int // for clients; -1: any
	Monitor   int // for HTTP; 0: none, -1: any
	// Peers are the cluster's addresses, "127.0.0.1:6222", of all servers; empty: the server is alone.
	Peers   []string
	Cluster int // the port of this one among Peers
}

// Start starts a server, and returns when it takes connections. A cluster has a leader only later.
func Start(c Config) (*server.Server, error) {
	o := &server.Options{ServerName: c.Name, Host: "127.0.0.1", Port: c.Port, JetStream: true, StoreDir: c.Directory,
		SyncAlways: true, NoSigs: true, NoLog: true, HTTPHost: "127.0.0.1", HTTPPort: c.Monitor}
	if len(c.Peers) > 0 {
		o.Cluster = server.ClusterOpts{Name: "bayplan", Host: "127.0.0.1", Port: c.Cluster}
		for _, peer := range c.Peers {
			o.Routes = append(o.Routes, &url.URL{Scheme: "nats", Host: peer})
		}
	}
	s, err := server.NewServer(o)
	if err != nil {
		return nil, fmt.Errorf("embedded: %w", err)
	}
	go s.Start()
	if !s.ReadyForConnections(30 * time.Second) {
		s.Shutdown()
		return nil, errors.New("embedded: the server takes no connections")
	}
	return s, nil
}

// MonitorURL returns where a server with a Monitor answers.
func MonitorURL(s *server.Server) string {
	if a := s.MonitorAddr(); a != nil {
		return fmt.Sprintf("http://127.0.0.1:%d", a.Port)
	}
	return ""
}
