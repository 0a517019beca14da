package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bayplan/bayplan/examples/crew"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// output is what the program has printed so far.
type output struct {
	mu   sync.Mutex
	text strings.Builder
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// finds waits until the output has what the expression says, and returns its groups.
func (o *output) finds(t *testing.T, expression string) []string {
	t.Helper()
	var found []string
	wait(t, expression, func() bool {
		found = regexp.MustCompile(expression).FindStringSubmatch(o.String())
		return found != nil
	}, o.String)
	return found
}

// wait waits until a condition is true.
func wait(t *testing.T, what string, condition func() bool, why func() string) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !condition(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			require.FailNow(t, what, why())
		}
	}
}

// performed runs the program with a crew of its own until the test ends, and no process is left then.
func performed(t *testing.T, o options) (*crew.Crew, *output) {
	t.Helper()
	for _, a := range addresses() {
		l, err := net.Listen("tcp", a+":0")
		if err != nil {
			t.Skip("loopback lacks an address: ", err)
		}
		require.NoError(t, l.Close())
	}
	c, err := newCrew(t.TempDir(), o)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	out, ended := &output{}, make(chan error, 1)
	go func() { ended <- perform(ctx, c, o, out) }()
	t.Cleanup(func() {
		cancel()
		assert.NoError(t, <-ended)
		assert.NoError(t, c.End())
		for _, role := range roleNames() {
			assert.NotNil(t, c.Process(role).ProcessState, "%s has ended", role)
		}
	})
	return c, out
}

// roleNames are the roles of the crew's processes.
func roleNames() []string { return []string{crew.ProxyRole, crew.OrchestratorRole} }

// caller makes signed calls.
type caller struct {
	t          *testing.T
	url        string
	id, secret string
}

// asked returns the status and the answer of a call of AWS JSON, or of a form where the target is "".
func (c caller) asked(service, target, body string) (int, string) {
	c.t.Helper()
	signs := crew.Caller{URL: c.url, Key: crew.AccessKey{ID: c.id, Secret: c.secret}}
	status, text, err := signs.Ask(c.t.Context(), service, target, body)
	require.NoError(c.t, err)
	return status, text
}

func did(t *testing.T, r *http.Request) (int, string) {
	t.Helper()
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(text)
}

type m = map[string]any

// ecs makes a call of Amazon ECS that succeeds.
func (c caller) ecs(action string, in m) (out m) {
	c.t.Helper()
	body, err := json.Marshal(in)
	require.NoError(c.t, err)
	status, text := c.asked("ecs", "AmazonEC2ContainerServiceV20141113."+action, string(body))
	require.Equal(c.t, 200, status, "%s: %s", action, text)
	require.NoError(c.t, json.Unmarshal([]byte(text), &out))
	return out
}

// arn makes a call of Elastic Load Balancing, and returns the first ARN of a kind in its answer.
func (c caller) arn(kind, action string, fields ...string) string {
	c.t.Helper()
	form := url.Values{"Version": {"2015-12-01"}, "Action": {action}}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	status, text := c.asked("elasticloadbalancing", "", form.Encode())
	require.Equal(c.t, 200, status, "%s: %s", action, text)
	found := regexp.MustCompile("<" + kind + ">([^<]*)</").FindStringSubmatch(text)
	require.Len(c.t, found, 2, text)
	return found[1]
}

// running waits until a service has its tasks and one deployment, and returns their ARNs in order.
func (c caller) running(service string, n int) (arns []string) {
	c.t.Helper()
	var last any
	wait(c.t, "the tasks run", func() bool {
		last = c.ecs("DescribeServices", m{"services": []string{service}})["services"].([]any)[0]
		s := last.(m)
		return s["runningCount"] == float64(n) && s["pendingCount"] == 0.0 && len(s["deployments"].([]any)) == 1
	}, func() string { return fmt.Sprint(last) })
	for _, arn := range c.ecs("ListTasks", m{"serviceName": service})["taskArns"].([]any) {
		arns = append(arns, arn.(string))
	}
	slices.Sort(arns)
	return arns
}
