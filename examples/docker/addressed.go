package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/examples/crew"
)

// addressedName is the service of the network mode awsvpc, whose tasks listen at one port, each at its own address.
const addressedName = "addressed"

// addressedTasks is how many there are.
const addressedTasks = 2

// balanced is a target group, and where its load balancer listens.
type balanced struct{ group, url string }

// forService is what CreateService is told of it.
func (b balanced) forService() []object {
	return []object{{"targetGroupArn": b.group, "containerName": "web", "containerPort": 80}}
}

// balance makes a target group and a load balancer with a listener at a free port.
func (d *demo) balance(ctx context.Context, name, kind string) (b balanced, err error) {
	port, err := freePort()
	if err != nil {
		return b, err
	}
	b.url = "http://127.0.0.1:" + port + "/"
	b.group, err = d.calls.balancing(ctx, "TargetGroupArn", "CreateTargetGroup", "Name", name, "Protocol", "HTTP",
		"TargetType", kind, "Port", "80", "VpcId", "vpc-1", "HealthCheckPath", "/", "HealthCheckIntervalSeconds", "5",
		"HealthCheckTimeoutSeconds", "2", "HealthyThresholdCount", "2")
	if err != nil {
		return b, err
	}
	_, err = d.calls.balancing(ctx, "Key", "ModifyTargetGroupAttributes", "TargetGroupArn", b.group,
		"Attributes.member.1.Key", "deregistration_delay.timeout_seconds", "Attributes.member.1.Value", "5")
	if err != nil {
		return b, err
	}
	balancer, err := d.calls.balancing(ctx, "LoadBalancerArn", "CreateLoadBalancer", "Name", name,
		"Subnets.member.1", "subnet-a", "Subnets.member.2", "subnet-b")
	if err != nil {
		return b, err
	}
	_, err = d.calls.balancing(ctx, "ListenerArn", "CreateListener", "LoadBalancerArn", balancer, "Protocol", "HTTP",
		"Port", port, "DefaultActions.member.1.Type", "forward", "DefaultActions.member.1.TargetGroupArn", b.group)
	return b, err
}

// beginAddressed makes the service of the network mode awsvpc, and does not wait for it.
func (d *demo) beginAddressed(ctx context.Context) error {
	b, err := d.balance(ctx, addressedName, "ip")
	if err != nil {
		return err
	}
	d.other = b.url
	arn, err := d.register(ctx, addressedName, "1", object{"networkMode": "awsvpc"})
	if err != nil {
		return err
	}
	return d.calls.json(ctx, toECS, "CreateService", object{"serviceName": addressedName, "taskDefinition": arn,
		"desiredCount": addressedTasks, "loadBalancers": b.forService(), "networkConfiguration": object{
			"awsvpcConfiguration": object{"subnets": []string{"subnet-a"}}}}, nil)
}

// addressed asks the tasks of the service of the network mode awsvpc, each at its address and all of them behind the
// load balancer. Then it deletes the service.
func addressed(ctx context.Context, d *demo) (string, error) {
	if err := d.plane.Steady(ctx, addressedName, patience, func(ecs.Service) bool { return true }); err != nil {
		return "", err
	}
	tasks, err := d.tasksOf(ctx, addressedName)
	if err != nil {
		return "", err
	}
	said := map[string]string{} // what the task at an address says, which has the name of its container
	for _, t := range tasks {
		for _, at := range interfaces(t) {
			if said[at], err = ask(ctx, "http://"+at+"/"); err != nil {
				return "", err
			}
		}
	}
	if len(said) != addressedTasks {
		return "", fmt.Errorf("%d tasks have %d addresses", len(tasks), len(said))
	}
	heard := map[string]bool{}
	for range 10 * addressedTasks {
		text, err := ask(ctx, d.other)
		if err != nil {
			return "", err
		}
		heard[text] = true
	}
	list := []string{}
	for at, text := range said { //order:any sorted below
		if list = append(list, at); !heard[text] {
			return "", fmt.Errorf("the task at %s, which says %q, does not answer behind the load balancer: %v", at,
				text, heard)
		}
	}
	slices.Sort(list)
	return strings.Join(list, " and ") + ", both of port 80, behind the load balancer", d.endAddressed(ctx)
}

// endAddressed deletes the service, and waits until its tasks are to stop.
func (d *demo) endAddressed(ctx context.Context) error {
	err := d.calls.json(ctx, toECS, "DeleteService", object{"service": addressedName, "force": true}, nil)
	for began := time.Now(); err == nil; err = crew.Sleep(ctx, 50*time.Millisecond) {
		left, err := d.plane.Tasks(ctx)
		if err == nil && len(left) == desired {
			return nil
		}
		if time.Since(began) > patience {
			return fmt.Errorf("the service is deleted, and there are the tasks %v: %w", left, err)
		}
	}
	return err
}

// tasksOf returns the tasks of a service.
func (d *demo) tasksOf(ctx context.Context, service string) ([]ecs.Task, error) {
	var page struct{ TaskArns []string }
	if err := d.calls.json(ctx, toECS, "ListTasks", object{"serviceName": service}, &page); err != nil {
		return nil, err
	}
	in := api.DescribeTasksInput{Tasks: page.TaskArns}
	out, err := crew.Ask[api.DescribeTasksOutput](ctx, d.plane, "DescribeTasks", in)
	return out.Tasks, err
}

// interfaces returns the addresses of a task.
func interfaces(t ecs.Task) (list []string) {
	for _, c := range t.Containers {
		for _, n := range c.NetworkInterfaces {
			list = append(list, n.PrivateIPv4Address)
		}
	}
	return list
}

// ask returns the answer of a task.
func ask(ctx context.Context, url string) (string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return "", err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", url, answer.Status)
	}
	return string(text), err
}
