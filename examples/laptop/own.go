package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/driver/proxy"
	"github.com/bayplan/bayplan/examples/crew"
	"github.com/bayplan/bayplan/loadbalance"
)

// own runs the user's task definition as the user's service until it is interrupted, and prints the service's events.
func own(ctx context.Context, c *crew.Crew, o options, out io.Writer) error {
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
	in, err := api.ParseInput[api.CreateServiceInput](text)
	if err != nil {
		return fmt.Errorf("%s: %w", o.service, err)
	}
	p := c.Plane()
	if err := listen(ctx, c, in, out); err != nil {
		return err
	}
	registered, err := crew.Ask[ecs.TaskDefinition](ctx, p, "RegisterTaskDefinition", d)
	if err != nil {
		return err
	}
	in.TaskDefinition = registered.TaskDefinitionArn
	created, err := crew.Ask[ecs.Service](ctx, p, "CreateService", in)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "service %s runs until you interrupt it; logs are in %s\n", created.ServiceName, c.Directory())
	n := &news{plane: p, service: created.ServiceName, out: out}
	for crew.Sleep(ctx, 200*time.Millisecond) == nil {
		n.look(ctx)
	}
	return nil
}

// listen opens a listener for each target group of the service.
func listen(ctx context.Context, c *crew.Crew, in api.CreateServiceInput, out io.Writer) error {
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
		for _, g := range groups {
			group := loadbalance.TargetGroup{TargetGroupArn: g.TargetGroupArn}
			if _, err := crew.Ask[struct{}](ctx, c.Plane(), "PutTargetGroup", group); err != nil {
				return err
			}
		}
		address, err := proxy.NewRemote(c.Directory()).Listen(ctx, loadbalance.Listener{ListenerArn: name,
			DefaultAction: loadbalance.Action{Forward: loadbalance.Forward{TargetGroups: groups}}}, "127.0.0.1:0")
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "target group %s is behind http://%s/\n", lb.TargetGroupArn, address)
	}
	return nil
}
