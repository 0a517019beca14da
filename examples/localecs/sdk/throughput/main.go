// Throughput measures an ECS endpoint with the AWS SDK for Go: how many requests a second it
// answers, and how many tasks it places.
//
//	go run ./throughput                                            a server of its own
//	go run ./throughput -url http://127.0.0.1:8090 -register 100   localecs, started with -explain=false
//	go run ./throughput -url http://127.0.0.1:5000                 another, which has instances
//	go run ./throughput -beside http://127.0.0.1:5000              a server of its own and another in turns
//
// Each client runs tasks and stops them, so that the cluster stays as full as it was, and lists
// and describes in between.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/bayplan/bayplan/examples/localecs/front"
)

type measurement struct {
	sync.Mutex
	latencies []time.Duration
	placed    int
	failed    int
}

func main() {
	url := flag.String("url", "", "endpoint; empty: a server within this process")
	clients := flag.Int("clients", 16, "clients at once")
	duration := flag.Duration("for", 5*time.Second, "how long")
	count := flag.Int("count", 10, "tasks a RunTask, 1 to 10")
	register := flag.Int("register", 0, "container instances to register first")
	instances := flag.Int("instances", 100, "container instances of the server within this process")
	dir := flag.String("journal", "", "journal of the server within this process")
	other := flag.String("beside", "", "endpoint to measure in turns with, by plain requests for one action at a time")
	flag.Parse()
	if *url == "" {
		server, err := front.New(front.Config{Seed: 1, Instances: *instances,
			InstanceType: "m5.16xlarge", Journal: *dir})
		if err != nil {
			log.Fatal(err)
		}
		s := httptest.NewServer(server)
		defer s.Close()
		*url = s.URL
	}
	if *other != "" {
		one, second := &endpoint{name: "the first", url: *url}, &endpoint{name: "the other", url: *other}
		err := beside(os.Stdout, one, second, *instances, *clients, 4, *duration)
		if err != nil {
			log.Fatal(err)
		}
		return
	}
	c := ecs.New(ecs.Options{Region: "us-east-1", BaseEndpoint: url, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
		HTTPClient:  &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: *clients}}})
	if err := prepare(c, *register); err != nil {
		log.Fatal(err)
	}
	m := &measurement{}
	begin := time.Now()
	var all sync.WaitGroup
	for range *clients {
		all.Go(func() {
			for time.Since(begin) < *duration {
				m.round(c, *count)
			}
		})
	}
	all.Wait()
	m.print(os.Stdout, *clients, *count, time.Since(begin))
}

// prepare registers the task definition, and instances where the endpoint has none.
func prepare(c *ecs.Client, n int) error {
	ctx := context.Background()
	_, err := c.RegisterTaskDefinition(ctx, &ecs.RegisterTaskDefinitionInput{Family: aws.String("throughput"),
		ContainerDefinitions: []types.ContainerDefinition{{Name: aws.String("a"), Image: aws.String("a:1"),
			Memory: aws.Int32(4)}}})
	if err != nil {
		return err
	}
	if n > 0 {
		if _, err := c.CreateCluster(ctx, &ecs.CreateClusterInput{}); err != nil {
			return err
		}
	}
	for range n {
		if _, err := c.RegisterContainerInstance(ctx,
			&ecs.RegisterContainerInstanceInput{TotalResources: []types.Resource{
				{Name: aws.String("CPU"), Type: aws.String("INTEGER"), IntegerValue: 65536},
				{Name: aws.String("MEMORY"), Type: aws.String("INTEGER"), IntegerValue: 250_000},
			}}); err != nil {
			return err
		}
	}
	return nil
}

// round runs tasks, looks at them and stops them.
func (m *measurement) round(c *ecs.Client, count int) {
	ctx := context.Background()
	var out *ecs.RunTaskOutput
	m.time(func() (err error) {
		out, err = c.RunTask(ctx, &ecs.RunTaskInput{TaskDefinition: aws.String("throughput"),
			Count: aws.Int32(int32(count))})
		return err
	})
	if out == nil || len(out.Tasks) == 0 {
		return
	}
	m.Lock()
	m.placed += len(out.Tasks)
	m.Unlock()
	arns := make([]string, len(out.Tasks))
	for i, t := range out.Tasks {
		arns[i] = aws.ToString(t.TaskArn)
	}
	m.time(func() error { _, err := c.DescribeTasks(ctx, &ecs.DescribeTasksInput{Tasks: arns}); return err })
	m.time(func() error { _, err := c.ListTasks(ctx, &ecs.ListTasksInput{}); return err })
	for i := range arns {
		m.time(func() error { _, err := c.StopTask(ctx, &ecs.StopTaskInput{Task: &arns[i]}); return err })
	}
}

func (m *measurement) time(f func() error) {
	begin := time.Now()
	err := f()
	taken := time.Since(begin)
	m.Lock()
	defer m.Unlock()
	m.latencies = append(m.latencies, taken)
	if err != nil {
		m.failed++
	}
}

func (m *measurement) print(w *os.File, clients, count int, d time.Duration) {
	slices.Sort(m.latencies)
	at := func(percent int) time.Duration {
		if len(m.latencies) == 0 {
			return 0
		}
		return m.latencies[(len(m.latencies)-1)*percent/100].Round(10 * time.Microsecond)
	}
	fmt.Fprintf(w, "%d clients, %d tasks a RunTask, %s on %d CPUs\n", clients, count,
		d.Round(time.Millisecond), runtime.NumCPU())
	fmt.Fprintf(w, "%10.0f requests/s     %d, of them %d failed\n", float64(len(m.latencies))/d.Seconds(),
		len(m.latencies), m.failed)
	fmt.Fprintf(w, "%10.0f placements/s   %d tasks\n", float64(m.placed)/d.Seconds(), m.placed)
	fmt.Fprintf(w, "latency p50 %s, p90 %s, p99 %s\n", at(50), at(90), at(99))
}
