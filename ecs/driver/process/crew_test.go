package process

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/driver/agent"
	"github.com/bayplan/bayplan/ecs/driver/internal/shim"
	"github.com/bayplan/bayplan/ecs/driver/journal"
	"github.com/bayplan/bayplan/ecs/driver/proxy"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

// The storm's processes are this test's own program again, each with a role: the orchestrator, an agent of each
// instance, the load balancer, and the tasks. They share a directory, and talk by sockets in it. Each but the tasks
// ends when its input does, so that none outlives the test.

// roles are what this program does when the storm starts it.
func roles() map[string]func(ctx context.Context, args []string) error {
	return map[string]func(context.Context, []string) error{"serve": serveRole, "orchestrator": orchestratorRole,
		"agent": agentRole, "proxy": proxyRole}
}

// serveRole is the program of tasks that serve: a server that says whose it is. With an argument, as the storm's are
// started, half of them do not heed SIGTERM.
func serveRole(ctx context.Context, args []string) error {
	if len(args) == 0 || os.Getpid()%2 == 0 {
		context.AfterFunc(ctx, func() { os.Exit(0) })
	}
	at := net.JoinHostPort(os.Getenv("HOST"), os.Getenv("PORT"))
	return http.ListenAndServe(at, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, os.Getenv(shim.Marker))
	}))
}

// withInput returns a context that ends with the input of this program.
func withInput(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	return ctx
}

// instanceOf is the EC2 instance ID of an instance of the storm.
func instanceOf(i int) string { return fmt.Sprintf("i-%017x", i) }

// addressAt is an instance's own address; nets keeps two runs of the test apart.
func addressAt(nets, i int) string {
	return fmt.Sprintf("127.%d.%d.%d", 20+nets/256%200, nets%256, i+1)
}

// proxyRole runs the load balancer. Its arguments are the directory and the storm's number.
func proxyRole(ctx context.Context, args []string) error {
	nets, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	return proxy.Serve(withInput(ctx), args[0], proxy.Config{Address: func(target string) (string, bool) {
		for i := range instances {
			if instanceOf(i) == target {
				return addressAt(nets, i), true
			}
		}
		return "", false
	}})
}

// orchestratorRole runs the control plane. Its arguments are the directory and the storm's number.
func orchestratorRole(ctx context.Context, args []string) error {
	seed, err := strconv.ParseUint(args[1], 10, 64)
	if err != nil {
		return err
	}
	plane, kept, err := journal.Open(filepath.Join(args[0], "journal"),
		journal.Config{Plane: control.Config{Seed: seed}}) // marks have no other storm's IDs
	if err != nil {
		return err
	}
	balancer := proxy.NewRemote(args[0])
	loop := driver.New(plane, driver.Runtime{Agent: callers(args[0]), Targets: balancer, Listeners: balancer,
		Journal: kept})
	ctx = withInput(ctx)
	go func() { _ = balancer.Watch(ctx, loop.Notify) }()
	served := make(chan error, 1)
	go func() { served <- answer(ctx, orchestratorSocket(args[0]), requests(loop)) }()
	return errors.Join(loop.Run(ctx), <-served, kept.Close())
}

func orchestratorSocket(directory string) string {
	return filepath.Join(directory, "orchestrator.sock")
}

func agentSocket(directory string, id ecs.InstanceID) string {
	return filepath.Join(directory, string(id)+".sock")
}

// reply carries a request out, and returns what is written as JSON.
type reply func(ctx context.Context, input []byte) (any, error)

// request is a request of the plane: its reply comes once what it changed is durable.
func request[In, Out any](loop *driver.Loop, f func(*control.Plane, time.Time, In) (Out, error)) reply {
	return func(ctx context.Context, input []byte) (any, error) {
		var in In
		if err := json.Unmarshal(input, &in); err != nil {
			return nil, err
		}
		return driver.Call(ctx, loop, func(p *control.Plane, now time.Time) (Out, error) { return f(p, now, in) })
	}
}

func question[In, Out any](loop *driver.Loop, f func(*control.Plane, In) (Out, error)) reply {
	return request(loop, func(p *control.Plane, _ time.Time, in In) (Out, error) { return f(p, in) })
}

// requests are those of the storm, and what agents report.
func requests(loop *driver.Loop) map[string]reply {
	return map[string]reply{
		"RegisterContainerInstance":  request(loop, (*control.Plane).RegisterContainerInstance),
		"RegisterTaskDefinition":     request(loop, (*control.Plane).RegisterTaskDefinition),
		"CreateService":              request(loop, (*control.Plane).CreateService),
		"UpdateService":              request(loop, (*control.Plane).UpdateService),
		"DescribeServices":           question(loop, (*control.Plane).DescribeServices),
		"ListTasks":                  question(loop, (*control.Plane).ListTasks),
		"DescribeTasks":              question(loop, (*control.Plane).DescribeTasks),
		"DescribeContainerInstances": question(loop, (*control.Plane).DescribeContainerInstances),
		"PutTargetGroup": request(loop,
			func(p *control.Plane, now time.Time, g loadbalance.TargetGroup) (struct{}, error) {
				return struct{}{}, p.PutTargetGroup(now, g)
			}),
		"Notify": func(_ context.Context, input []byte) (any, error) {
			var e message.SealedEvent
			err := json.Unmarshal(input, &e)
			if err == nil {
				loop.Notify(e.Event)
			}
			return nil, err
		},
	}
}

// callers hands commands to the agents, which are processes of their own.
type callers string

func (directory callers) StartTask(ctx context.Context, c message.StartTask) error {
	return ask(ctx, agentSocket(string(directory), c.Instance), "StartTask", c, nil)
}

func (directory callers) StopTask(ctx context.Context, c message.StopTask) error {
	return ask(ctx, agentSocket(string(directory), c.Instance), "StopTask", c, nil)
}

// agentRole runs the agent of an instance. Its arguments are the directory, the storm's number, the instance's number
// and its ID.
func agentRole(ctx context.Context, args []string) error {
	directory, id := args[0], ecs.InstanceID(args[3])
	nets, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	i, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	containers, err := New(Config{Directory: filepath.Join(directory, fmt.Sprint("instance-", i)),
		Address: addressAt(nets, i), Programs: map[string]Program{"server": {self, []string{"serve", "half"}}}})
	if err != nil {
		return err
	}
	ctx = withInput(ctx)
	reports := make(chan message.Event, 1024)
	a, err := agent.New(agent.Config{Cluster: "default", Instance: id, Containers: containers,
		File: filepath.Join(directory, fmt.Sprintf("agent-%d.json", i)), Report: time.Second,
		Notify: func(e message.Event) {
			select {
			case reports <- e:
			default: // the next full report says the same
			}
		}})
	if err != nil {
		return err
	}
	go func() {
		for ctx.Err() == nil {
			select {
			case e := <-reports:
				_ = ask(ctx, orchestratorSocket(directory), "Notify", message.SealedEvent{Event: e}, nil) // as above
			case <-ctx.Done():
			}
		}
	}()
	err = answer(ctx, agentSocket(directory, id), map[string]reply{
		"StartTask": command(a.StartTask), "StopTask": command(a.StopTask)})
	a.Close()
	containers.Close()
	return err
}

func command[In any](f func(context.Context, In) error) reply {
	return func(ctx context.Context, input []byte) (any, error) {
		var in In
		if err := json.Unmarshal(input, &in); err != nil {
			return nil, err
		}
		return nil, f(ctx, in)
	}
}

// answer serves replies at a socket until the context ends.
func answer(ctx context.Context, path string, replies map[string]reply) error {
	_ = os.Remove(path) // that of the last life
	socket, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, known := replies[r.URL.Path[1:]]
		if !known { // that it answers is a sign of life
			w.WriteHeader(http.StatusNotFound)
			return
		}
		input, err := io.ReadAll(r.Body)
		var out any
		if err == nil {
			out, err = f(r.Context(), input)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		_ = json.NewEncoder(w).Encode(out) // the caller may have been killed
	})}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	if err := server.Serve(socket); ctx.Err() == nil {
		return err
	}
	return nil
}

// errRefused is the error of a call that was answered with one.
var errRefused = errors.New("refused")

// ask has a process carry out a request, and reads its answer into out, if there is one. The error is errRefused if
// the process said so; others leave open whether the request was carried out.
func ask(ctx context.Context, socket, name string, in, out any) error {
	input, err := json.Marshal(in)
	if err != nil {
		return err
	}
	transport := &http.Transport{DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", socket)
		}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://storm/"+name, bytes.NewReader(input))
	if err != nil {
		return err
	}
	got, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer got.Body.Close()
	if got.StatusCode != http.StatusOK {
		why, err := io.ReadAll(got.Body)
		return errors.Join(fmt.Errorf("%w: %s: %s", errRefused, name, why), err)
	}
	if out == nil {
		out = new(any)
	}
	return json.NewDecoder(got.Body).Decode(out)
}
