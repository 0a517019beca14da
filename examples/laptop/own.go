package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/driver/proxy"
	"github.com/bayplan/bayplan/loadbalance"
)

// own runs the user's task definition as the user's service until it is interrupted, and prints the service's events.
func own(ctx context.Context, c *crew, o options, out io.Writer) error {
	text, err := os.ReadFile(o.taskDefinition)
	if err != nil {
		return err
	}
	d, err := ecs.ParseTaskDefinition(text)
	if err != nil {
		return fmt.Errorf("%s: %w", o.taskDefinition, err)
	}
	text, err = os.ReadFile(o.service)
	if err != nil {
		return err
	}
	var in api.CreateServiceInput
	if err := json.Unmarshal(text, &in); err != nil {
		return fmt.Errorf("%s: %w", o.service, err)
	}
	p := c.plane()
	if err := front(ctx, c, in, out); err != nil {
		return err
	}
	registered, err := ask[ecs.TaskDefinition](ctx, p, "RegisterTaskDefinition", d)
	if err != nil {
		return err
	}
	in.TaskDefinition = registered.TaskDefinitionArn
	created, err := ask[ecs.Service](ctx, p, "CreateService", in)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "service %s runs until you interrupt it; logs are in %s\n", created.ServiceName, c.directory)
	seen := map[string]bool{}
	for sleep(ctx, 200*time.Millisecond) == nil {
		sv, err := p.service(ctx, created.ServiceName)
		if err != nil {
			continue // the loop's condition says when it is over
		}
		now := map[string]bool{}
		for i := len(sv.Events) - 1; i >= 0; i-- {
			e := sv.Events[i]
			now[e.ID] = true
			if !seen[e.ID] {
				fmt.Fprintf(out, "%s %s\n", e.CreatedAt.Time().Format(time.TimeOnly), e.Message)
			}
		}
		seen = now
	}
	return nil
}

// front opens a listener for each target group of the service.
func front(ctx context.Context, c *crew, in api.CreateServiceInput, out io.Writer) error {
	for i, lb := range in.LoadBalancers {
		if lb.TargetGroupArn == "" {
			continue
		}
		groups := []loadbalance.WeightedTargetGroup{{TargetGroupArn: lb.TargetGroupArn}}
		name := fmt.Sprintf("listener %d", i)
		if a := lb.AdvancedConfiguration; a != nil {
			name = a.ProductionListenerRule
			groups = append(groups, loadbalance.WeightedTargetGroup{TargetGroupArn: a.AlternateTargetGroupArn,
				Weight: ecs.Some(0)})
		}
		address, err := proxy.NewRemote(c.directory).Listen(ctx, loadbalance.Listener{ListenerArn: name,
			DefaultAction: loadbalance.Action{Forward: loadbalance.Forward{TargetGroups: groups}}}, "127.0.0.1:0")
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "target group %s is behind http://%s/\n", lb.TargetGroupArn, address)
	}
	return nil
}
