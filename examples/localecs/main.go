// Localecs serves the API of Amazon ECS on loopback, in front of a simulated cluster: the AWS
// CLI, boto3 and the AWS SDKs work against it unchanged, and services there place, roll,
// fail and scale.
//
//	go run ./examples/localecs -instances 3
//	aws ecs list-container-instances --endpoint-url http://127.0.0.1:8090
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

func main() {
	address := flag.String("addr", "127.0.0.1:8090", "where to listen")
	seed := flag.Uint64("seed", 1, "seed of IDs and random choices")
	speed := flag.Float64("speed", 1, "virtual seconds a real second")
	manual := flag.Bool("manual", false, "time runs on POST /_local/advance only")
	poll := flag.Bool("advance-on-poll", false, "a describe call first lets time run until what it describes has come to rest")
	instances := flag.Int("instances", 3, "container instances in the default cluster")
	kind := flag.String("instance-type", "m5.large", "their type")
	zones := flag.String("zones", "us-east-1a,us-east-1b,us-east-1c", "their Availability Zones, in turn")
	dir := flag.String("journal", "", "directory to keep everything in; it survives a restart")
	explain := flag.Bool("explain", true, "keep for each placement why the task went there")
	simulate := flag.Bool("simulate-agents", false, "instances that are registered over HTTP have simulated agents, too")
	flag.Parse()
	server, err := front.New(front.Config{Seed: *seed, Speed: *speed, Manual: *manual, AdvanceOnPoll: *poll, Journal: *dir, Explain: *explain,
		SimulateAgents: *simulate, Instances: *instances, InstanceType: *kind, Zones: strings.Split(*zones, ",")})
	if err != nil {
		log.Fatal(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := errors.Join(serve(ctx, *address, server), server.Close()); err != nil {
		log.Fatal(err)
	}
}

// serve listens until ctx ends.
func serve(ctx context.Context, address string, handler http.Handler) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	fmt.Print(greeting(listener.Addr()))
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute}
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
	url := "http://" + address.String()
	text := fmt.Sprintf("Amazon ECS at %s\n\n  aws ecs list-container-instances --endpoint-url %s --region us-east-1\n", url, url)
	if tcp, ok := address.(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
		text += "\nWARNING: LISTENING BEYOND LOOPBACK. WHOEVER REACHES THIS ADDRESS MAY CALL EVERYTHING.\n"
	}
	return text
}
