package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var storm = flag.Duration("storm", 0,
	"how long 200 clients go on, after 400 tasks and 50 stops, before the server is killed")

// start starts the binary and returns it with its URL.
func start(t *testing.T, binary string, arguments ...string) (*exec.Cmd, string) {
	t.Helper()
	c := exec.Command(binary, append([]string{"-addr", "127.0.0.1:0"}, arguments...)...)
	out, err := c.StdoutPipe()
	require.NoError(t, err)
	var errors bytes.Buffer
	c.Stderr = &errors
	require.NoError(t, c.Start())
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err, "%s", errors.String())
	_, url, found := strings.Cut(strings.TrimSpace(line), " at ")
	require.True(t, found, line)
	return c, url
}

func call(client *http.Client, url, action string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	request, err := http.NewRequest(http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113."+action)
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != 200 {
		return fmt.Errorf("%s: %d %s", action, response.StatusCode, data)
	}
	return json.Unmarshal(data, out)
}

type m = map[string]any

// acknowledged are the tasks that clients were told of, and those of them whose stop was.
type acknowledged struct {
	sync.Mutex
	tasks, stopped map[string]bool
	enough         chan struct{} // closed when there are 400 tasks and 50 stops
}

// note adds to one of the two.
func (a *acknowledged) note(to map[string]bool, arn string) {
	a.Lock()
	defer a.Unlock()
	to[arn] = true
	select {
	case <-a.enough:
	default:
		if len(a.tasks) >= 400 && len(a.stopped) >= 50 {
			close(a.enough)
		}
	}
}

// client runs tasks, and stops every fourth of them, until the server is gone.
func (a *acknowledged) client(h *http.Client, url string) {
	for n := 0; ; n++ {
		var out struct{ Tasks []struct{ TaskArn string } }
		if call(h, url, "RunTask", m{"taskDefinition": "web"}, &out) != nil {
			return
		}
		for _, task := range out.Tasks {
			a.note(a.tasks, task.TaskArn)
			if n%4 == 0 {
				if call(h, url, "StopTask", m{"task": task.TaskArn}, &struct{}{}) != nil {
					return
				}
				a.note(a.stopped, task.TaskArn)
			}
		}
	}
}

// listed are the tasks of a desired status.
func listed(t *testing.T, h *http.Client, url, desired string) map[string]bool {
	all, in := map[string]bool{}, m{"desiredStatus": desired}
	for {
		var out struct {
			TaskArns  []string
			NextToken string
		}
		require.NoError(t, call(h, url, "ListTasks", in, &out))
		for _, arn := range out.TaskArns {
			all[arn] = true
		}
		if out.NextToken == "" {
			return all
		}
		in["nextToken"] = out.NextToken
	}
}

// Unless it is told otherwise the server listens on loopback. Seen to fail: ":8090".
func TestLoopbackByDefault(t *testing.T) {
	address, err := netip.ParseAddrPort(loopback)
	require.NoError(t, err)
	require.True(t, address.Addr().IsLoopback())
}

// What is not a flag is refused: it would end the flags.
//
// Seen to fail: "-explain false -instances 60", which had three instances and explained.
func TestSurplus(t *testing.T) {
	require.NoError(t, surplus(nil))
	require.ErrorContains(t, surplus([]string{"false", "-instances", "60"}), `"false" is not a flag`)
}

func TestGreeting(t *testing.T) {
	require.NotContains(t, greeting(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8090}), "WARNING")
	everywhere := greeting(&net.TCPAddr{IP: net.IPv4zero, Port: 8090})
	require.Contains(t, everywhere, "WARNING")
	require.Contains(t, everywhere, "--endpoint-url http://127.0.0.1:8090", "a host that the server takes")
	require.Contains(t, greeting(&net.TCPAddr{IP: net.IPv6loopback, Port: 8090}), "--endpoint-url http://[::1]:8090")
}

// Two hundred clients at once, and a server that is killed under them: every task that was
// acknowledged is listed afterwards, and every stop holds. Seen to fail: answers given
// before the records are appended.
func TestKilled(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "localecs")
	output, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput()
	require.NoError(t, err, "%s", output)
	arguments := []string{"-journal", filepath.Join(t.TempDir(), "journal"), "-instances", "60", "-instance-type",
		"m5.16xlarge", "-explain=false"}
	server, url := start(t, binary, arguments...)
	h := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 200}}
	require.NoError(t, call(h, url, "RegisterTaskDefinition",
		m{"family": "web", "containerDefinitions": []m{{"name": "web", "image": "web:1", "memory": 6}}}, &struct{}{}))
	a := acknowledged{tasks: map[string]bool{}, stopped: map[string]bool{}, enough: make(chan struct{})}
	var clients sync.WaitGroup
	for range 200 {
		clients.Go(func() { a.client(h, url) })
	}
	gone := make(chan struct{})
	go func() { clients.Wait(); close(gone) }()
	select {
	case <-a.enough:
	case <-gone:
		t.Fatal("the server refused every client")
	}
	time.Sleep(*storm)
	require.NoError(t, server.Process.Kill())
	<-gone
	t.Logf("%d tasks run and %d stopped", len(a.tasks), len(a.stopped))
	_ = server.Wait()

	begin := time.Now()
	_, url = start(t, binary, arguments...)
	t.Logf("back after %s", time.Since(begin).Round(time.Millisecond))
	running, stopped := listed(t, h, url, "RUNNING"), listed(t, h, url, "STOPPED")
	lost := 0
	for arn := range a.tasks {
		if !running[arn] && !stopped[arn] || a.stopped[arn] && !stopped[arn] {
			lost++
		}
	}
	require.Zero(t, lost, "of %d tasks and %d stops", len(a.tasks), len(a.stopped))
	require.InDelta(t, len(a.tasks), len(running)+len(stopped), 200, "no more than the calls in flight")
}
