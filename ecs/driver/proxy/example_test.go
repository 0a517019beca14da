package proxy_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"

	"github.com/bayplan/bayplan/ecs/driver/proxy"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

// A plane gives these commands; here the program does.
func ExampleProxy() {
	healthy := make(chan message.Event, 16)
	p, err := proxy.New(proxy.Config{Notify: func(e message.Event) {
		if e.(message.TargetHealth).State == loadbalance.StateHealthy {
			healthy <- e
		}
	}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer p.Close()
	ctx := context.Background()
	const group = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef"
	address, err := p.Listen(ctx, loadbalance.Listener{ListenerArn: "web", DefaultAction: loadbalance.Action{
		Forward: loadbalance.Forward{TargetGroups: []loadbalance.WeightedTargetGroup{{TargetGroupArn: group}}}},
	}, "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}

	task := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "the task, asked by %s", r.Header.Get("X-Forwarded-For"))
	}))
	defer task.Close()
	host, port, _ := net.SplitHostPort(task.Listener.Addr().String())
	number, _ := strconv.Atoi(port)
	err = p.RegisterTarget(ctx, message.RegisterTarget{
		ID:             message.Key{Op: "RegisterTarget", Target: group + " " + host, Epoch: 1},
		TargetGroupArn: group, Target: host, Port: number, Task: "0123456789abcdef0123456789abcdef",
		TargetGroup: loadbalance.TargetGroup{TargetGroupArn: group, TargetType: loadbalance.TargetTypeIP}})
	if err != nil {
		fmt.Println(err)
		return
	}
	<-healthy
	answer, err := http.Get("http://" + address)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	fmt.Println(answer.Status, string(text), err)
	// Output: 200 OK the task, asked by 127.0.0.1 <nil>
}
