package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The AWS CLI's calls run real processes behind the real proxy, and a kill -9 of the orchestrator or of the proxy ends
// none of them.
func TestAPI(t *testing.T) {
	c, out := performed(t, options{api: true, address: "127.0.0.1:0", speed: 60})
	at := out.finds(t, `ENDPOINT_URL=(\S+)[\s\S]*KEY_ID=(\S+) AWS_SECRET_ACCESS_KEY=(\S+)[\s\S]*The console`)
	of := caller{t: t, url: at[1], id: at[2], secret: at[3]}
	victims := map[string]*os.Process{}
	for _, role := range roleNames() {
		victims[role] = c.Process(role).Process
	}
	refusesStrangers(t, of)

	group := of.arn("TargetGroupArn", "CreateTargetGroup", "Name", "web", "Protocol", "HTTP", "Port", "80",
		"VpcId", "vpc-1", "HealthCheckPath", "/health")
	balancer := of.arn("LoadBalancerArn", "CreateLoadBalancer", "Name", "web", "Subnets.member.1", "subnet-a",
		"Subnets.member.2", "subnet-b")
	listener := of.arn("ListenerArn", "CreateListener", "LoadBalancerArn", balancer, "Protocol", "HTTP", "Port", "1",
		"DefaultActions.member.1.Type", "forward", "DefaultActions.member.1.TargetGroupArn", group)
	page := out.finds(t, `listener \S+ is at (\S+)`)[1]
	of.ecs("RegisterTaskDefinition", m{"family": "web", "containerDefinitions": []m{{"name": "web", "image": webImage,
		"memory": 64, "portMappings": []m{{"containerPort": 80}}}}})
	of.ecs("CreateService", m{"serviceName": "web", "taskDefinition": "web", "desiredCount": 2, "loadBalancers": []m{
		{"targetGroupArn": group, "containerName": "web", "containerPort": 80}}})
	tasks := of.running("web", 2)
	zones := map[string]bool{}
	for _, task := range of.ecs("DescribeTasks", m{"tasks": tasks})["tasks"].([]any) {
		zones[fmt.Sprint(task.(m)["availabilityZone"])] = true
	}
	assert.Len(t, zones, min(2, len(addresses())), "each instance is in a zone of its own")
	before := processes(t, page, 2)

	for i, role := range []string{"orchestrator", "proxy"} {
		require.NoError(t, victims[role].Kill())
		out.finds(t, fmt.Sprintf(`(?:the \w+ ended \(signal: killed\)[\s\S]*){%d}`, i+1))
		assert.Equal(t, tasks, of.running("web", 2), role)
		assert.Equal(t, before, processes(t, page, 2), role)
	}

	of.ecs("UpdateService", m{"service": "web", "desiredCount": 1})
	of.running("web", 1)
	of.ecs("DeleteService", m{"service": "web", "force": true})
	_ = of.arn("RequestId", "DeleteListener", "ListenerArn", listener)
	wait(t, "the listener is closed", func() bool { _, err := http.Get(page); return err != nil }, out.String)
}

// refusesStrangers makes calls that are refused.
func refusesStrangers(t *testing.T, c caller) {
	t.Helper()
	list := "AmazonEC2ContainerServiceV20141113.ListClusters"
	status, text := c.asked("ecs", list, `{}`)
	require.Equal(t, 200, status, text)
	forged, other := c, c
	forged.secret, other.id = "x", "x"
	for code, who := range map[string]caller{"InvalidSignatureException": forged,
		"UnrecognizedClientException": other} {
		status, text := who.asked("ecs", list, `{}`)
		assert.Equal(t, 400, status)
		assert.Contains(t, text, code)
	}
	for _, k := range []struct {
		method, path, host string
		status             int
		says               string
	}{
		{"POST", "/", "", 400, "MissingAuthenticationTokenException"},
		{"POST", "/_local/advance?by=90s", "", 400, "time passes by itself"},
		{"PUT", "/_local/target-groups/web", "", 400, "for simulated worlds"},
		{"POST", "/_console/pace", "", 400, "Time cannot be set here."},
		{"GET", "/", "evil.example", 403, "not a name of this server"},
		{"GET", "/", "", 200, "<html"},
		{"GET", "/_console/about", "", 200, `"signed":true`},
		{"GET", "/_local/timeline", "", 200, ""},
	} {
		r, err := http.NewRequest(k.method, c.url+k.path, nil)
		require.NoError(t, err)
		r.Host = k.host
		for _, name := range []string{"X-Console", "X-Localecs"} {
			r.Header.Set(name, "test")
		}
		if k.path == "/" && k.method == "POST" {
			r.Header.Set("X-Amz-Target", list)
		}
		status, text := did(t, r)
		assert.Equal(t, k.status, status, k.path)
		assert.Contains(t, text, k.says, k.path)
	}
}

// processes returns the IDs of the processes that answer, once there are so many.
func processes(t *testing.T, page string, n int) (ids []string) {
	t.Helper()
	wait(t, "the targets answer", func() bool {
		ids = nil
		for range 4 * n {
			if answer, err := http.Get(page); err == nil {
				if id := answer.Header.Get("Process"); id != "" && !slices.Contains(ids, id) {
					ids = append(ids, id)
				}
				_ = answer.Body.Close()
			}
		}
		return len(ids) == n
	}, func() string { return fmt.Sprint(ids) })
	slices.Sort(ids)
	return ids
}

// A service of one's own runs: containers that wait for each other, health checks, a container that fails, and a
// program that is not allowed. What is wrong is printed with the reason.
func TestOwn(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	for name, k := range map[string]struct {
		definition string
		allow      []string
		says       []string
	}{
		"waits for a health check": {`{"family": "pair", "containerDefinitions": [
			{"name": "web", "image": "` + webImage + `", "memory": 64, "portMappings": [{"containerPort": 80}],
			 "healthCheck": {"command": ["CMD", "` + self + `", "probe"], "interval": 5, "retries": 10}},
			{"name": "after", "image": "` + self + `", "command": ["end", "0"], "memory": 64, "essential": false,
			 "dependsOn": [{"containerName": "web", "condition": "HEALTHY"}]}]}`, []string{self},
			[]string{`has reached a steady state`}},
		"fails": {`{"family": "bad", "containerDefinitions": [
			{"name": "app", "image": "` + self + `", "command": ["end", "3"], "memory": 64}]}`, []string{self},
			[]string{`\(task \w+\) stopped: Essential container in task exited; container app ended with exit code 3`}},
		"is not allowed": {`{"family": "bad", "containerDefinitions": [
			{"name": "app", "image": "` + self + `", "memory": 64}]}`, nil,
			[]string{`stopped: .*` + filepath.Base(self)}},
		"has a shell": {`{"family": "bad", "containerDefinitions": [{"name": "app", "image": "` + webImage + `",
			"memory": 64, "user": "nobody", "healthCheck": {"command": ["CMD-SHELL", "true"]}}]}`, nil,
			[]string{`stopped: .*user: the configuration does not allow it`, `stopped: .*CMD-SHELL`}},
	} {
		t.Run(name, func(t *testing.T) {
			o := options{speed: 20, taskDefinition: filepath.Join(t.TempDir(), "task.json"),
				service: filepath.Join(t.TempDir(), "service.json"), limits: allowed{paths: k.allow}}
			require.NoError(t, os.WriteFile(o.taskDefinition, []byte(k.definition), 0o600))
			require.NoError(t, os.WriteFile(o.service, []byte(`{"serviceName": "own", "desiredCount": 1}`), 0o600))
			_, out := performed(t, o)
			for _, says := range k.says {
				out.finds(t, says)
			}
		})
	}
}

// acted does what the containers of tests do with the test's own program: "probe" asks a container for its health, and
// "end" ends with an exit code.
func acted(args []string) bool {
	switch {
	case args[0] == "probe":
		answer, err := http.Get("http://" + net.JoinHostPort(os.Getenv("HOST"), os.Getenv("PORT")) + "/health")
		if err != nil || answer.StatusCode != http.StatusOK {
			os.Exit(1)
		}
	case args[0] == "end" && len(args) > 1:
		code, err := strconv.Atoi(args[1])
		if err != nil {
			code = 99
		}
		os.Exit(code)
	default:
		return false
	}
	return true
}
