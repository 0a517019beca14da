package main

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

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
func performed(t *testing.T, o options) (*crew, *output) {
	t.Helper()
	for _, a := range addresses() {
		l, err := net.Listen("tcp", a+":0")
		if err != nil {
			t.Skip("loopback lacks an address: ", err)
		}
		require.NoError(t, l.Close())
	}
	c, err := newCrew(t.TempDir(), fastClock{time.Now(), o.speed}, o.limits)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	out, ended := &output{}, make(chan error, 1)
	go func() { ended <- perform(ctx, c, o, out) }()
	t.Cleanup(func() {
		cancel()
		assert.NoError(t, <-ended)
		assert.NoError(t, c.end())
		for role, m := range c.members { //order:any each by itself
			assert.NotNil(t, m.process.ProcessState, "%s has ended", role)
		}
	})
	return c, out
}

// caller signs calls as AWS's clients do.
type caller struct {
	t          *testing.T
	url        string
	id, secret string
}

// asked returns the status and the answer of a call of AWS JSON, or of a form where the target is "".
func (c caller) asked(service, target, body string) (int, string) {
	c.t.Helper()
	stamp := time.Now().UTC().Format("20060102T150405Z")
	r, err := http.NewRequest(http.MethodPost, c.url+"/", strings.NewReader(body))
	require.NoError(c.t, err)
	r.Header.Set("X-Amz-Date", stamp)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	headers := map[string]string{"host": r.URL.Host, "x-amz-date": stamp}
	if target != "" {
		r.Header.Set("X-Amz-Target", target)
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
		headers["x-amz-target"] = target
	}
	names := slices.Sorted(maps.Keys(headers))
	lines := ""
	for _, name := range names {
		lines += name + ":" + headers[name] + "\n"
	}
	digest := func(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }
	signed := strings.Join(names, ";")
	canonical := "POST\n/\n\n" + lines + "\n" + signed + "\n" + digest(body)
	scope := stamp[:8] + "/us-east-1/" + service + "/aws4_request"
	key := []byte("AWS4" + c.secret)
	text := "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + digest(canonical)
	for _, part := range append(strings.Split(scope, "/"), text) {
		key = sum(key, part)
	}
	r.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%x",
		c.id, scope, signed, key))
	return did(c.t, r)
}

func sum(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
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
