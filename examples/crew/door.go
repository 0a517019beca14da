package crew

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/loadbalance"
)

// The program asks the orchestrator for operations of the plane over loopback, with a key that is in a file with mode
// 0600.

// door is where the orchestrator listens.
type door struct {
	Address string `json:"address"`
	Key     string `json:"key"`
}

const doorFile = "orchestrator.endpoint"

// operation calls the plane with an input as JSON.
type operation func(p *control.Plane, now time.Time, input []byte) (any, error)

func change[In, Out any](f func(*control.Plane, time.Time, In) (Out, error)) operation {
	return func(p *control.Plane, now time.Time, input []byte) (any, error) {
		var in In
		if err := json.Unmarshal(input, &in); err != nil {
			return nil, err
		}
		return f(p, now, in)
	}
}

func read[In, Out any](f func(*control.Plane, In) (Out, error)) operation {
	return change(func(p *control.Plane, _ time.Time, in In) (Out, error) { return f(p, in) })
}

func operations() map[string]operation {
	return map[string]operation{
		"RegisterTaskDefinition": change((*control.Plane).RegisterTaskDefinition),
		"CreateService":          change((*control.Plane).CreateService),
		"UpdateService":          change((*control.Plane).UpdateService),
		"DeleteService":          change((*control.Plane).DeleteService),
		"DescribeServices":       read((*control.Plane).DescribeServices),
		"ListTasks":              read((*control.Plane).ListTasks),
		"DescribeTasks":          read((*control.Plane).DescribeTasks),
		"RegisterScalableTarget": change((*control.Plane).RegisterScalableTarget),
		"PutScalingPolicy":       change((*control.Plane).PutScalingPolicy),
		"Listeners": read(func(p *control.Plane, _ struct{}) ([]loadbalance.Listener, error) {
			return p.LoadBalancers().Listeners(), nil
		}),
		"PutTargetGroup": change(func(p *control.Plane, now time.Time, g loadbalance.TargetGroup) (struct{}, error) {
			return struct{}{}, p.PutTargetGroup(now, g)
		}),
	}
}

// serve answers the show until the context ends.
func serve(ctx context.Context, directory string, loop *driver.Loop) error {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	d := door{socket.Addr().String(), rand.Text()}
	server := &http.Server{ReadHeaderTimeout: 10 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { d.answer(w, r, loop) })}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() }) // Serve below says that it has ended
	defer stop()
	data, err := json.Marshal(d)
	if err == nil {
		next := filepath.Join(directory, doorFile+".new")
		err = errors.Join(os.WriteFile(next, data, 0o600), os.Rename(next, filepath.Join(directory, doorFile)))
	}
	if err != nil {
		return errors.Join(err, socket.Close())
	}
	if err := server.Serve(socket); ctx.Err() == nil {
		return err
	}
	return nil
}

func (d door) answer(w http.ResponseWriter, r *http.Request, loop *driver.Loop) {
	op, known := operations()[r.URL.Path[1:]]
	key := subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+d.Key)) == 1
	if !key || !known || r.Method != http.MethodPost {
		http.Error(w, "no such operation, or not the key", http.StatusForbidden)
		return
	}
	input, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	var out any
	if err == nil {
		out, err = driver.Call(r.Context(), loop, func(p *control.Plane, now time.Time) (any, error) {
			return op(p, now, input)
		})
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	_ = json.NewEncoder(w).Encode(out) // the show may have gone
}

// Plane is the orchestrator, as the program asks it.
type Plane struct{ Directory string }

// Plane returns the orchestrator that runs now, whichever that is.
func (c *Crew) Plane() Plane { return Plane{c.directory} }

// Alive reports whether the orchestrator answers.
func (p Plane) Alive(ctx context.Context) bool {
	_, err := Ask[api.Page](ctx, p, "ListTasks", api.ListTasksInput{})
	return err == nil
}

// Ask carries an operation out at the orchestrator that runs now.
func Ask[Out any](ctx context.Context, p Plane, name string, in any) (out Out, err error) {
	data, err := os.ReadFile(filepath.Join(p.Directory, doorFile))
	if err != nil {
		return out, err
	}
	var d door
	if err := json.Unmarshal(data, &d); err != nil {
		return out, err
	}
	input, err := json.Marshal(in)
	if err != nil {
		return out, err
	}
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+d.Address+"/"+name, bytes.NewReader(input))
	if err != nil {
		return out, err
	}
	r.Header.Set("Authorization", "Bearer "+d.Key)
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return out, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		why, err := io.ReadAll(io.LimitReader(answer.Body, 4096))
		return out, errors.Join(fmt.Errorf("%s: %s", name, bytes.TrimSpace(why)), err)
	}
	err = json.NewDecoder(answer.Body).Decode(&out)
	return out, err
}

// Service returns a service by its name; an error if it does not exist.
func (p Plane) Service(ctx context.Context, name string) (ecs.Service, error) {
	out, err := Ask[api.DescribeServicesOutput](ctx, p, "DescribeServices",
		api.DescribeServicesInput{Services: []string{name}})
	if err == nil && len(out.Services) == 0 {
		err = fmt.Errorf("there is no service %s", name)
	}
	if err != nil {
		return ecs.Service{}, err
	}
	return out.Services[0], nil
}

// Tasks returns the IDs of the tasks that are to run.
func (p Plane) Tasks(ctx context.Context) ([]string, error) {
	page, err := Ask[api.Page](ctx, p, "ListTasks", api.ListTasksInput{})
	for i := range page.Arns {
		page.Arns[i] = LastPart(page.Arns[i])
	}
	return page.Arns, err
}
