package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/driver/proxy"
	"github.com/bayplan/bayplan/examples/jetstream/check"
	"github.com/bayplan/bayplan/loadbalance"
)

// serviceName is the demo's service, which stands behind the proxy.
const serviceName = "web"

// patience is how long the demo waits for anything.
const patience = 2 * time.Minute

// balance makes a target group and what forwards to it, has the proxy listen, and returns the ARN and the URL.
func balance(ctx context.Context, c *crew, k *client) (group, url string, err error) {
	group, err = k.arn(ctx, "TargetGroupArn", "CreateTargetGroup", "Name", "web", "Protocol", "HTTP", "Port", "80",
		"VpcId", "vpc-1", "HealthCheckPath", "/", "HealthCheckIntervalSeconds", "5", "HealthCheckTimeoutSeconds", "4",
		"HealthyThresholdCount", "2")
	if err != nil {
		return "", "", err
	}
	_, err = k.arn(ctx, "", "ModifyTargetGroupAttributes", "TargetGroupArn", group,
		"Attributes.member.1.Key", "deregistration_delay.timeout_seconds", "Attributes.member.1.Value", "3")
	if err != nil {
		return "", "", err
	}
	balancer, err := k.arn(ctx, "LoadBalancerArn", "CreateLoadBalancer", "Name", "web", "Subnets.member.1", "subnet-a",
		"Subnets.member.2", "subnet-b")
	if err != nil {
		return "", "", err
	}
	listener, err := k.arn(ctx, "ListenerArn", "CreateListener", "LoadBalancerArn", balancer, "Protocol", "HTTP",
		"Port", "80", "DefaultActions.member.1.Type", "forward", "DefaultActions.member.1.TargetGroupArn", group)
	if err != nil {
		return "", "", err
	}
	at, err := listen(ctx, c, loadbalance.Listener{ListenerArn: listener, Protocol: loadbalance.ProtocolHTTP,
		DefaultAction: loadbalance.Action{Forward: loadbalance.Forward{
			TargetGroups: []loadbalance.WeightedTargetGroup{{TargetGroupArn: group, Weight: ecs.Some(1)}}}}})
	return group, "http://" + at + "/", err
}

// listen has the proxy listen, once it has started.
func listen(ctx context.Context, c *crew, l loadbalance.Listener) (address string, err error) {
	for end := time.Now().Add(20 * time.Second); ; {
		address, err = proxy.NewRemote(c.directory).Listen(ctx, l, "127.0.0.1:0")
		if err == nil || ctx.Err() != nil || time.Now().After(end) {
			return address, err
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// define registers the task definition of the demo's program.
func define(ctx context.Context, k *client) error {
	return k.ecs(ctx, "RegisterTaskDefinition", ecs.TaskDefinition{Family: serviceName,
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: webImage, CPU: 128, Memory: 64,
			StopTimeout: ecs.Some(10), PortMappings: []ecs.PortMapping{{ContainerPort: 8080}}}}}, nil)
}

// create creates a service; group is that of the proxy, or "".
func create(ctx context.Context, k *client, name, group string, desired int) error {
	in := api.CreateServiceInput{ServiceName: name, TaskDefinition: serviceName, DesiredCount: ecs.Some(desired),
		PlacementStrategy: []ecs.PlacementStrategy{{Type: ecs.PlacementStrategyTypeSpread, Field: "instanceId"}}}
	if group != "" {
		in.HealthCheckGracePeriodSeconds = ecs.Some(60)
		in.LoadBalancers = []ecs.LoadBalancer{{TargetGroupArn: group, ContainerName: "web", ContainerPort: 8080}}
	}
	return k.ecs(ctx, "CreateService", in, nil)
}

// steady waits until a service has what it wants.
func steady(ctx context.Context, k *client, name string) error {
	var last ecs.Service
	for end := time.Now().Add(patience); ; {
		limited, cancel := context.WithTimeout(ctx, 30*time.Second)
		s, err := k.service(limited, name)
		cancel()
		if err == nil {
			if last = s; check.Steady(s) {
				return nil
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if time.Now().After(end) {
			why := ""
			if len(last.Events) > 0 {
				why = last.Events[0].Message
			}
			return errors.Join(err, fmt.Errorf("service %s is not steady after %s: %d of %d tasks run, %d pending: %s",
				name, patience, last.RunningCount, last.DesiredCount, last.PendingCount, why))
		}
		time.Sleep(200 * time.Millisecond)
	}
}
