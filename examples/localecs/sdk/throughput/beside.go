package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"
)

// endpoint is a server of ECS that is measured by plain requests: an SDK takes longer to make one than a server to
// answer it.
type endpoint struct {
	name, url string
	tasks     []string // that it runs
}

// post sends a request of a service of AWS, unsigned, and returns the answer.
func (e *endpoint) post(c *connection, service, kind, target string, body []byte) ([]byte, error) {
	r, err := http.NewRequest(http.MethodPost, e.url+"/", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", kind)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/"+service+
		"/aws4_request, SignedHeaders=host, Signature=0")
	if target != "" {
		r.Header.Set("X-Amz-Target", target)
	}
	response, data, err := c.do(r)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s, %s: %s: %.300s", e.name, target, response.Status, data)
	}
	return data, err
}

// ecs calls an action of ECS.
func (e *endpoint) ecs(c *connection, action string, body []byte) ([]byte, error) {
	return e.post(c, "ecs", "application/x-amz-json-1.1", "AmazonEC2ContainerServiceV20141113."+action, body)
}

// prepare makes the cluster default, with n container instances where it has none, and a task definition.
func (e *endpoint) prepare(n int) (err error) {
	c := &connection{}
	defer func() { err = errors.Join(err, c.close()) }()
	if _, err := e.ecs(c, "CreateCluster", []byte(`{}`)); err != nil {
		return err
	}
	if _, err := e.ecs(c, "RegisterTaskDefinition", definition); err != nil {
		return err
	}
	said, err := e.ecs(c, "ListContainerInstances", []byte(`{}`))
	if err != nil {
		return err
	}
	var list struct{ ContainerInstanceArns []string }
	if err := json.Unmarshal(said, &list); err != nil || len(list.ContainerInstanceArns) > 0 {
		return err
	}
	for range n {
		if err := e.instance(c); err != nil {
			return err
		}
	}
	return nil
}

// instance runs an EC2 instance and registers it, as its agent would.
func (e *endpoint) instance(c *connection) error {
	said, err := e.post(c, "ec2", "application/x-www-form-urlencoded", "", []byte(url.Values{"Action": {"RunInstances"},
		"Version": {"2016-11-15"}, "ImageId": {"ami-12c6146b"}, "MinCount": {"1"}, "MaxCount": {"1"}}.Encode()))
	if err != nil {
		return err
	}
	_, id, _ := strings.Cut(string(said), "<instanceId>")
	id, _, _ = strings.Cut(id, "<")
	document, err := json.Marshal(map[string]string{"instanceId": id, "region": "us-east-1"})
	if err != nil {
		return err
	}
	body, err := json.Marshal(map[string]any{"cluster": "default", "instanceIdentityDocument": string(document),
		"instanceIdentityDocumentSignature": "none"})
	if err != nil {
		return err
	}
	_, err = e.ecs(c, "RegisterContainerInstance", body)
	return err
}

var definition = []byte(`{"family": "throughput",
	"containerDefinitions": [{"name": "a", "image": "a:1", "memory": 4}]}`)

// work is what is measured: an action, and what it is asked.
type work struct {
	action string
	body   func(e *endpoint, i int) []byte
}

// works begins with what makes the tasks that are then described.
func works() []work {
	always := func(body string) func(*endpoint, int) []byte {
		return func(*endpoint, int) []byte { return []byte(body) }
	}
	return []work{
		{"RunTask", always(`{"taskDefinition": "throughput"}`)},
		{"DescribeTasks", func(e *endpoint, i int) []byte {
			var of []string
			for k := range 10 {
				of = append(of, e.tasks[(10*i+k)%len(e.tasks)])
			}
			body, _ := json.Marshal(map[string]any{"tasks": of}) // of texts: it cannot fail
			return body
		}},
		{"RegisterTaskDefinition", always(string(definition))},
	}
}

// measure has clients call for so long, and returns how many calls a second were answered.
func (e *endpoint) measure(w work, clients int, long time.Duration) (rate float64, err error) {
	var all sync.WaitGroup
	var mu sync.Mutex
	var calls int
	begin := time.Now()
	for client := range clients {
		all.Go(func() {
			c := &connection{}
			defer func() { _ = c.close() }() // all answers are there
			for i := client; time.Since(begin) < long; i += clients {
				said, failed := e.ecs(c, w.action, w.body(e, i))
				mu.Lock()
				calls++
				err = errors.Join(err, failed)
				stop := err != nil
				if w.action == "RunTask" && !stop && len(e.tasks) < 1000 {
					err = e.started(said)
				}
				mu.Unlock()
				if stop {
					return
				}
			}
		})
	}
	all.Wait()
	return float64(calls) / time.Since(begin).Seconds(), err
}

// started keeps the tasks of an answer of RunTask.
func (e *endpoint) started(said []byte) error {
	var out struct {
		Tasks    []struct{ TaskArn string }
		Failures []struct{ Reason string }
	}
	if err := json.Unmarshal(said, &out); err != nil {
		return err
	}
	if len(out.Failures) > 0 {
		return fmt.Errorf("%s: RunTask: %s", e.name, out.Failures[0].Reason)
	}
	for _, t := range out.Tasks {
		e.tasks = append(e.tasks, t.TaskArn)
	}
	return nil
}

// beside measures two servers in turns, action by action, and prints how many times as many calls the first answers.
func beside(out io.Writer, one, other *endpoint, instances, clients, turns int, long time.Duration) error {
	for _, e := range []*endpoint{one, other} {
		if err := e.prepare(instances); err != nil {
			return err
		}
	}
	percent := debug.SetGCPercent(100)
	debug.SetGCPercent(percent)
	_, _ = fmt.Fprintf(out, "%d clients, GOGC %d, GOMAXPROCS %d\n", clients, percent, runtime.GOMAXPROCS(0))
	for _, w := range works() {
		var sum [2]float64
		for range turns {
			for k, e := range []*endpoint{one, other} {
				rate, err := e.measure(w, clients, long/time.Duration(turns))
				if err != nil {
					return err
				}
				sum[k] += rate / float64(turns)
			}
		}
		_, _ = fmt.Fprintf(out, "%-24s %8.0f a second, the other %6.0f: %5.1f times as many\n",
			w.action, sum[0], sum[1], sum[0]/sum[1])
	}
	return nil
}
