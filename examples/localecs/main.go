// Localecs serves the API of Amazon ECS on loopback, in front of a simulated cluster: the AWS
// CLI, boto3 and the AWS SDKs work against it unchanged, and services there place, roll,
// fail and scale.
//
//	go run ./examples/localecs -instances 3
//	aws ecs list-container-instances --endpoint-url http://127.0.0.1:8090 --region us-east-1 --no-sign-request
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/bayplan/bayplan/examples/localecs/front"
)

// loopback is where the server listens unless it is told otherwise: nobody on another machine reaches it.
const loopback = "127.0.0.1:8090"

func main() {
	address := flag.String("addr", loopback, "where to listen")
	seed := flag.Uint64("seed", 1, "seed of IDs and random choices")
	speed := flag.Float64("speed", 1, "simulated seconds in each real one")
	manual := flag.Bool("manual", false, "time passes by POST /_local/advance only")
	poll := flag.Bool("advance-on-poll", false,
		"a describe call first lets time run until what it describes has come to rest")
	instances := flag.Int("instances", 3, "container instances in the default cluster")
	kind := flag.String("instance-type", "m5.large", "type of the container instances")
	region := flag.String("region", "us-east-1",
		"Region of clients that name none; each other one has a world of its own, made when a client of it calls")
	zones := flag.String("zones", "",
		"Availability Zones of the instances of -region, in turn, separated by commas; empty: a, b and c")
	var hosts []string
	flag.Func("allow-host",
		"a `name`, besides those of loopback, by which clients reach the server, such as that of a container; may be "+
			"repeated", func(h string) error {
			hosts = append(hosts, strings.Split(h, ",")...)
			return nil
		})
	dir := flag.String("journal", "", "directory to keep everything in; it survives a restart")
	explain := flag.Bool("explain", true,
		"keep for each placement why the task went there; it costs a look at every instance, so with more than 50 "+
			"-instances only on request")
	simulate := flag.Bool("simulate-agents", false,
		"instances that are registered over HTTP have simulated agents, too")
	policies := front.Policies{}
	flag.Func("policy", "a `file` with an IAM policy that decides every call, or KEYID=FILE for the calls of one "+
		"access key; may be repeated", func(value string) error {
		findings, err := policies.Add(value)
		for _, f := range findings {
			log.Printf("%s: %s", value, f)
		}
		return err
	})
	members := flag.Bool("members", false, "print what becomes of each member of each action's input, and end")
	served := flag.Bool("operations", false, "print the actions that are served of each service, and end")
	flag.Usage = usage
	flag.Parse()
	if err := surplus(flag.Args()); err != nil {
		log.Fatal(err)
	}
	if *members {
		if err := front.WriteMembers(os.Stdout); err != nil {
			log.Fatal(err)
		}
		return
	}
	if *served {
		if err := front.WriteOperations(os.Stdout); err != nil {
			log.Fatal(err)
		}
		return
	}
	if !given("explain") {
		*explain = *instances <= 50
	}
	config := front.Config{Seed: *seed, Speed: *speed, Manual: *manual, AdvanceOnPoll: *poll,
		Journal: *dir, Explain: *explain,
		SimulateAgents: *simulate, Instances: *instances, InstanceType: *kind, Region: *region, AllowHosts: hosts}
	if len(policies) > 0 {
		config.Authorizer = policies
	}
	if *zones != "" {
		config.Zones = strings.Split(*zones, ",")
	}
	config.Report = func(text string) { log.Print(text) }
	server, err := front.New(config)
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := errors.Join(serve(ctx, *address, server), server.Close()); err != nil {
		log.Fatal(err)
	}
}

// surplus refuses what stands behind the flags: in "-explain false -instances 60" that is all behind -explain.
func surplus(rest []string) error {
	if len(rest) == 0 {
		return nil
	}
	return fmt.Errorf("localecs: %q is not a flag; a switch is set as in -explain=false", rest[0])
}

// given reports whether a flag was set on the command line.
func given(name string) bool {
	found := false
	flag.Visit(func(f *flag.Flag) { found = found || f.Name == name })
	return found
}

// usage says what the program is for, before what its flags do.
func usage() {
	fmt.Fprint(flag.CommandLine.Output(),
		`Localecs serves the API of Amazon ECS and of Application Auto Scaling, in front of a simulated
cluster, to the AWS CLI, boto3 and the AWS SDKs.

  go run ./examples/localecs                              three instances, and time as it passes
  go run ./examples/localecs -manual -advance-on-poll     for tests: waiters end at once
  go run ./examples/localecs -policy role.json            calls are decided by an IAM policy
  go run ./examples/localecs -speed 60 -journal /tmp/ecs  a minute a second, kept over restarts

Besides the API there are, for tests and for the curious:
  GET  /                        the console, in a browser: what runs, and why something waits
  POST /_local/advance?by=90s   POST /_local/reset      POST /_local/behaviour  POST /_local/load
  GET  /_local/timeline         PUT  /_local/target-groups/NAME
  GET  /_local/explain?service=NAME   why tasks are pending, and where a further one would go
  GET  /_local/explain?task=ID        what one task waits for, its life, and why it is where it is
Calls that change something need the header X-Localecs, with any value; pages in a browser cannot send it:
  curl -X POST -H 'X-Localecs: 1' 'http://127.0.0.1:8090/_local/advance?by=90s'
?region=us-east-2 is for the world of another Region; advance and reset are for all without it.

Calls must name a host of loopback, one of -allow-host, or the address that they are made to.

Flags:
`)
	flag.PrintDefaults()
}

// serve listens until ctx ends.
func serve(ctx context.Context, address string, handler http.Handler) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Print(greeting(listener.Addr()))
	server := &http.Server{Handler: handler, MaxHeaderBytes: 64 << 10, ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout: time.Minute, WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute}
	go func() {
		<-ctx.Done()
		_ = server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// greeting is what is printed when the server listens: where, a line to paste, and a warning
// if others than this machine can call it.
func greeting(address net.Addr) string {
	tcp, ok := address.(*net.TCPAddr)
	url := "http://" + address.String()
	if ok && tcp.IP.IsUnspecified() { // where it listens is not where it is
		url = fmt.Sprintf("http://127.0.0.1:%d", tcp.Port)
	}
	text := fmt.Sprintf(`Amazon ECS at %[1]s

  aws ecs list-container-instances --endpoint-url %[1]s --region us-east-1 --no-sign-request

The console, in a browser: %[1]s/
`, url)
	if !ok || !tcp.IP.IsLoopback() {
		text += "\nWARNING: LISTENING BEYOND LOOPBACK. WHOEVER REACHES THIS ADDRESS MAY CALL EVERYTHING.\n" +
			"Clients that reach it by a name need -allow-host NAME.\n"
	}
	return text
}
