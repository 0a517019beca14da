package drivertest

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

// LoadBalancer is a load balancer under test that forwards real requests: to the targets of a Targets, by the
// weights of a Listeners. Its targets are IP addresses.
type LoadBalancer struct {
	driver.Targets
	driver.Listeners

	// Listen opens an HTTP listener, and returns the address, such as 127.0.0.1:8080, at which it takes
	// requests. After a restart it is open at that address again.
	Listen func(loadbalance.Listener) (address string, err error)

	// Restart ends the load balancer as a crash does, and returns the next one, with the files that the old one
	// left. Nil: the checks of restarts are left out.
	Restart func() LoadBalancer

	Wait time.Duration // how long the first health check may take; zero: 10 seconds
}

// TestLoadBalancer checks that a load balancer shares requests among its targets, drains them, weighs target
// groups and forgets nothing in a restart. The suite's targets are HTTP servers on 127.0.0.1. A drain takes two
// seconds of real time. The load balancer reports by notify.
func TestLoadBalancer(t *testing.T, fresh func(t *testing.T, notify func(message.Event)) LoadBalancer) {
	suite(t, balancerChecks(), func(t *testing.T, p *probe) *balanced {
		v := fresh(t, p.notify)
		if v.Wait > 0 {
			p.wait = v.Wait
		}
		return newBalanced(t, v)
	})
}

const (
	listenerArn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:" +
		"listener/app/drivertest/0123456789abcdef/0123456789abcdef"
	blueArn  = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/blue/0123456789abcdef"
	greenArn = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/green/0123456789abcdef"
)

// balanced is a load balancer with the servers that are its targets.
type balanced struct {
	LoadBalancer
	t       *testing.T
	url     string
	servers map[string]*server
	epoch   uint64
}

// server is a target: it answers with its name, and requests for /slow when it is let go.
type server struct {
	*httptest.Server
	begun chan struct{} // one for each request for /slow
	let   chan struct{} // closed: they are answered
}

func newBalanced(t *testing.T, v LoadBalancer) *balanced {
	b := &balanced{LoadBalancer: v, t: t, servers: map[string]*server{}}
	for _, name := range []string{"a", "b", "c"} {
		s := &server{begun: make(chan struct{}, 16), let: make(chan struct{})}
		s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/slow" {
				s.begun <- struct{}{}
				<-s.let
			}
			_, _ = io.WriteString(w, name)
		}))
		t.Cleanup(func() {
			s.letGo()
			s.CloseClientConnections()
			s.Close()
		})
		b.servers[name] = s
	}
	return b
}

func (s *server) letGo() {
	select {
	case <-s.let:
	default:
		close(s.let)
	}
}

func (s *server) host() (string, int) {
	host, port, err := net.SplitHostPort(s.Listener.Addr().String())
	if err != nil {
		panic(err) // it is the address of a listener
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		panic(err)
	}
	return host, n
}

// listen opens the listener, which forwards to the two groups.
func (b *balanced) listen(p *probe) bool {
	address, err := b.Listen(loadbalance.Listener{ListenerArn: listenerArn, Port: 80,
		Protocol: loadbalance.ProtocolHTTP, DefaultAction: b.action(100)})
	b.url = "http://" + address
	return p.works(err, "Listen")
}

func (b *balanced) action(blue int) loadbalance.Action {
	return loadbalance.Action{Type: loadbalance.ActionTypeForward, Forward: loadbalance.Forward{
		TargetGroups: []loadbalance.WeightedTargetGroup{{TargetGroupArn: blueArn, Weight: ecs.Some(blue)},
			{TargetGroupArn: greenArn, Weight: ecs.Some(100 - blue)}}}}
}

func groupOf(arn string) loadbalance.TargetGroup {
	return loadbalance.TargetGroup{TargetGroupArn: arn, TargetType: loadbalance.TargetTypeIP,
		DeregistrationDelaySeconds: ecs.Some(2)}.Normalize()
}

func (b *balanced) key(op, target string) message.Key {
	b.epoch++
	return key(op, target, b.epoch)
}

func (b *balanced) register(arn, name string) message.RegisterTarget {
	host, port := b.servers[name].host()
	return message.RegisterTarget{ID: b.key("RegisterTarget", fmt.Sprintf("%s %s:%d", arn, host, port)),
		TargetGroupArn: arn, Target: host, Port: port, Task: ecs.TaskID(name), TargetGroup: groupOf(arn)}
}

func (b *balanced) deregister(arn, name string) message.DeregisterTarget {
	host, port := b.servers[name].host()
	return message.DeregisterTarget{ID: b.key("DeregisterTarget", fmt.Sprintf("%s %s:%d", arn, host, port)),
		TargetGroupArn: arn, Target: host, Port: port, Task: ecs.TaskID(name), TargetGroup: groupOf(arn)}
}

func (b *balanced) traffic(blue int) message.ModifyTraffic {
	l := loadbalance.Listener{ListenerArn: listenerArn, Port: 80, Protocol: loadbalance.ProtocolHTTP,
		DefaultAction: b.action(blue)}
	return message.ModifyTraffic{ID: b.key("ModifyTraffic", listenerArn), Rule: listenerArn,
		Weights: []message.TargetGroupWeight{{TargetGroupArn: blueArn, Weight: blue},
			{TargetGroupArn: greenArn, Weight: 100 - blue}},
		TargetGroups: []loadbalance.TargetGroup{groupOf(blueArn), groupOf(greenArn)}, Listener: &l}
}

// get returns the answer to a request: a name, or a status and its text.
func (b *balanced) get(path string) string {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 30 * time.Second}
	answer, err := client.Get(b.url + path)
	if err != nil {
		return err.Error()
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		return fmt.Sprint(answer.Status, " ", err)
	}
	return string(body)
}

// shares returns how often each answer came to n requests.
func (b *balanced) shares(n int) map[string]int {
	got := map[string]int{}
	for range n {
		got[b.get("/")]++
	}
	return got
}

// serves registers targets and waits until requests reach each of them.
func (b *balanced) serves(p *probe, arn string, names ...string) {
	for _, name := range names {
		p.works(b.RegisterTarget(context.Background(), b.register(arn, name)), "RegisterTarget")
	}
	for _, name := range names {
		host, port := b.servers[name].host()
		p.eventually("TargetHealth \"healthy\" of "+name, func() bool {
			return p.health(host, port) == loadbalance.StateHealthy
		})
	}
}

// health is the last thing told of a target's health.
func (p *probe) health(host string, port int) (state loadbalance.State) {
	for _, ev := range p.told() {
		if h, ok := ev.(message.TargetHealth); ok && h.Target == host && h.Port == port {
			state = h.State
		}
	}
	return state
}

// only holds that requests reach these names and no others.
func (b *balanced) only(p *probe, when string, names ...string) {
	got := b.shares(20 * len(names))
	for _, name := range names {
		if got[name] == 0 {
			p.errorf("%s: no request of %d reached %s: %v", when, 20*len(names), name, got)
		}
		delete(got, name)
	}
	if len(got) > 0 {
		p.errorf("%s: requests did not reach %v alone: %v", when, names, got)
	}
}
