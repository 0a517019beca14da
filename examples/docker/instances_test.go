package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/crew"
)

// TestInstances runs two agents on one engine: a service of the network mode bridge, whose tasks are at the addresses
// of both instances, and one of awsvpc. Each container finds its own task and its own role. When the program has ended,
// nothing is left on the engine.
//
// Seen to fail: task addresses that must be this machine's; a network of awsvpc tasks that stays.
func TestInstances(t *testing.T) {
	if os.Getenv("DOCKER_HOST") == "" {
		t.Skip("DOCKER_HOST is not set; .ci/engine COMMAND runs a command with an engine")
	}
	for _, at := range addresses()[:min(2, len(addresses()))] {
		if l, err := net.Listen("tcp", at+":0"); err != nil || l.Close() != nil || len(addresses()) == 1 {
			t.Skip("loopback lacks an address: ", err)
		}
	}
	port, err := freePort()
	require.NoError(t, err)
	var o options
	flags := flag.NewFlagSet("docker", flag.ContinueOnError)
	o.declare(flags)
	require.NoError(t, flags.Parse([]string{"-instances", "2", "-registry", "127.0.0.1:" + port,
		"-subnet", "10.214.0.0/24"}))
	o.address = "127.0.0.1:0"
	c, err := crew.New(t.TempDir(), crew.Clock{From: time.Now(), Speed: 1}, o.arguments()...)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	d := &demo{crew: c, plane: c.Plane(), out: io.Discard, options: o}
	d.engine, err = connect(o.host)
	require.NoError(t, err)
	defer d.engine.Close()
	err = attend(ctx, c, o, io.Discard, func(ctx context.Context, of crew.Caller) error {
		d.calls = caller{of}
		for _, step := range []func(context.Context, *demo) error{build, push, begin} {
			if err := step(ctx, d); err != nil {
				return err
			}
		}
		serveFromBoth(ctx, t, d)
		said, err := addressed(ctx, d)
		t.Log(said)
		return err
	})
	if t.Failed() || err != nil {
		for _, role := range []string{crew.ProxyRole, crew.OrchestratorRole} {
			log, _ := os.ReadFile(c.Directory() + "/" + role + ".log")
			t.Logf("%s:\n%s", role, log)
		}
	}
	all, listed := d.containers(ctx, true)
	require.NoError(t, c.End())
	require.NoError(t, err)
	require.NoError(t, listed)
	require.NotEmpty(t, all)
	for _, one := range all {
		_, err := d.engine.ContainerInspect(ctx, one.ID, client.ContainerInspectOptions{})
		require.ErrorContains(t, err, "No such container", one.Names)
	}
	_, err = d.engine.NetworkInspect(ctx, networkOf(o.subnet), client.NetworkInspectOptions{})
	require.ErrorContains(t, err, "not found")
}

// serveFromBoth holds that tasks of the service are on both instances, and answers what they are told of themselves.
func serveFromBoth(ctx context.Context, t *testing.T, d *demo) {
	t.Helper()
	tasks, err := d.tasksOf(ctx, serviceName)
	require.NoError(t, err)
	require.Len(t, tasks, desired)
	on := map[string][]string{} // by instance, where its tasks answer
	all, err := d.containers(ctx, false)
	require.NoError(t, err)
	for _, one := range all {
		for _, p := range one.Ports {
			on[one.Labels["bayplan.instance"]] = append(on[one.Labels["bayplan.instance"]],
				net.JoinHostPort(p.IP.String(), fmt.Sprint(p.PublicPort)))
		}
	}
	require.Len(t, on, 2, "tasks are spread")
	var hosts []string
	for _, list := range on { //order:any each by itself
		host, _, err := net.SplitHostPort(list[0])
		require.NoError(t, err)
		hosts = append(hosts, host)
		for _, at := range list {
			require.True(t, strings.HasPrefix(at, host+":"), "%s is not of %s", at, host)
			said, err := ask(ctx, "http://"+at+"/about")
			require.NoError(t, err)
			require.Contains(t, said, "default web 1")
			require.Contains(t, said, taskRole)
		}
	}
	slices.Sort(hosts)
	require.Equal(t, addresses()[:2], hosts)
	answered := map[string]bool{}
	for range 10 * desired {
		said, err := ask(ctx, d.url)
		require.NoError(t, err)
		answered[said] = true
	}
	require.Len(t, answered, desired, "every task answers behind the load balancer")
}
