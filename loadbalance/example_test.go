package loadbalance_test

import (
	"fmt"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance"
)

// A task takes the host ports of its definition: those asked for by number, and dynamic ones.
func ExamplePorts() {
	var ports loadbalance.Ports // an agent's default configuration on Linux
	d := ecs.TaskDefinition{ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web",
		PortMappings: []ecs.PortMapping{
			{ContainerPort: 8080}, {ContainerPort: 53, HostPort: ecs.Some(53), Protocol: ecs.TransportProtocolUdp},
			{ContainerPortRange: "7000-7002"},
		}}}}
	bindings, err := ports.Bindings("task-1", d)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, b := range bindings[0] {
		fmt.Println(b.Protocol, loadbalance.HostPorts([]ecs.NetworkBinding{b}))
	}
	_, err = ports.Bindings("task-2", d)
	fmt.Println(err)
	fmt.Println(len(ports.Release(nil, "task-1")), "ports are free again")
	// Output:
	// tcp [{32768 tcp}]
	// udp [{53 udp}]
	// tcp [{32769 tcp} {32770 tcp} {32771 tcp}]
	// ResourceInUseException: containerDefinitions[0].portMappings[1].hostPort: udp port 53 is held by task task-1
	// 5 ports are free again
}

// A container engine that took another port than the proposed one is believed, if nobody else has
// the port.
func ExamplePorts_Report() {
	var ports loadbalance.Ports
	proposed, _ := ports.Allocate("task-1", ecs.TransportProtocolTcp)
	_ = ports.Reserve("task-2", ecs.HostPort{Port: 8080, Protocol: ecs.TransportProtocolTcp})
	for _, port := range []uint16{8080, 49160} {
		freed, err := ports.Report(nil, "task-1", []ecs.HostPort{{Port: port, Protocol: ecs.TransportProtocolTcp}})
		fmt.Println(proposed, "became", port, freed, err)
	}
	// Output:
	// 32768 became 8080 [] ResourceInUseException: [0].hostPort: tcp port 8080 is held by task task-2
	// 32768 became 49160 [{32768 tcp}] <nil>
}

// The target holds its port until it has drained, whatever becomes of the task.
func ExampleTargets() {
	now := time.Date(2026, time.May, 4, 12, 0, 0, 0, time.UTC)
	var ports loadbalance.Ports
	of := func(string) *loadbalance.Ports { return &ports }
	targets, err := loadbalance.NewTargets(loadbalance.TargetGroup{TargetGroupArn: "web",
		DeregistrationDelaySeconds: ecs.Some(60)})
	if err != nil {
		fmt.Println(err)
		return
	}
	port, _ := ports.Allocate("task-1", ecs.TransportProtocolTcp)
	d := loadbalance.TargetDescription{ID: "i-1", Port: port}
	if err := targets.Register("task-1", d, now, of); err != nil {
		fmt.Println(err)
	}
	target, _ := targets.Check("i-1", port, now, loadbalance.Answer{Code: 200})
	fmt.Println(d, target.State)

	fmt.Println("free after the task has stopped:", ports.Release(nil, "task-1"))
	target, _ = targets.Deregister("task-1", d, now)
	fmt.Println(target.State, target.Reason, targets.Weights(nil, now))
	gone := targets.Expire(nil, now.Add(time.Minute), of)
	fmt.Println(len(gone), "drained; free:", ports.Free(ecs.HostPort{Port: port, Protocol: ecs.TransportProtocolTcp}))
	// Output:
	// i-1:32768 healthy
	// free after the task has stopped: []
	// draining Target.DeregistrationInProgress [0]
	// 1 drained; free: true
}

// A target group's functions take a target from state to state; nothing is remembered elsewhere.
func ExampleTargetGroup() {
	now := time.Date(2026, time.May, 4, 12, 0, 0, 0, time.UTC)
	group := loadbalance.TargetGroup{}
	target := group.Start("task-1", loadbalance.TargetDescription{ID: "i-1", Port: 80}, now)
	for _, code := range []int{200, 502, 502, 200} {
		now = now.Add(30 * time.Second)
		target = group.Check(target, now, loadbalance.Answer{Code: code})
		fmt.Printf("%d %s %q\n", code, target.State, target.Health().Description)
	}
	// Output:
	// 200 healthy ""
	// 502 healthy ""
	// 502 unhealthy "Health checks failed with these codes: [502]"
	// 200 unhealthy "Health checks failed with these codes: [502]"
}

// A listener finds the rule, its action the target group.
func ExampleListener() {
	listener := loadbalance.Listener{
		Rules: []loadbalance.Rule{{
			Priority: 1,
			Conditions: []loadbalance.Condition{{Field: loadbalance.ConditionFieldPathPattern,
				Values: []string{"/api/*"}}},
			Action: loadbalance.Action{Forward: loadbalance.Forward{TargetGroups: []loadbalance.WeightedTargetGroup{
				{TargetGroupArn: "blue", Weight: ecs.Some(9)}, {TargetGroupArn: "green", Weight: ecs.Some(1)},
			}}},
		}},
		DefaultAction: loadbalance.Action{Type: loadbalance.ActionTypeFixedResponse,
			FixedResponse: &loadbalance.FixedResponse{StatusCode: 404}},
	}
	fmt.Println(listener.Validate())
	action, rule := listener.Route(loadbalance.Request{Host: "example.com", Path: "/api/users", Method: "GET"})
	share := map[string]int{}
	for n := range uint64(1000) {
		group, _ := action.Forward.Pick(1, n)
		share[group]++
	}
	fmt.Println("rule", rule, "green gets about a tenth:", share["green"] > 80 && share["green"] < 120)
	_, rule = listener.Route(loadbalance.Request{Path: "/"})
	fmt.Println("rule", rule)
	// Output:
	// <nil>
	// rule 0 green gets about a tenth: true
	// rule -1
}

// A canary deployment: a tenth of the traffic goes to the new target group.
func ExampleForward_Shift() {
	fw := loadbalance.Forward{TargetGroups: []loadbalance.WeightedTargetGroup{{TargetGroupArn: "blue"},
		{TargetGroupArn: "green", Weight: ecs.Some(0)}}}
	blue, green, err := fw.Serving("blue", "green")
	fmt.Println(blue, "serves,", green, "waits:", err)
	fw, err = fw.Shift(blue, green, 100)
	fmt.Println(fw.TargetGroups[0].Weight.Or(1), fw.TargetGroups[1].Weight.Or(1), err)
	// Output:
	// blue serves, green waits: <nil>
	// 90 10 <nil>
}

// Round robin is exact: of any four requests in a row target 0 takes two, targets 1 and 3 one each.
func ExampleAlgorithm_Pick() {
	weights := []int{2, 1, 0, 1}
	for n := range uint64(8) {
		i, _ := loadbalance.AlgorithmRoundRobin.Pick(weights, nil, 0, n)
		fmt.Print(i, " ")
	}
	fmt.Println()
	// Output:
	// 0 3 1 0 0 3 1 0
}

// What a service may attach is checked all at once.
func ExampleCheckService() {
	d := ecs.TaskDefinition{NetworkMode: ecs.NetworkModeAwsvpc, ContainerDefinitions: []ecs.ContainerDefinition{
		{Name: "web", PortMappings: []ecs.PortMapping{{ContainerPort: 80}}},
	}}
	service := ecs.Service{LoadBalancers: []ecs.LoadBalancer{
		{TargetGroupArn: "tg", ContainerName: "web", ContainerPort: 80},
		{TargetGroupArn: "tg", ContainerName: "app", ContainerPort: 80},
	}}
	groups := func(string) (loadbalance.TargetGroup, bool) {
		return loadbalance.TargetGroup{TargetGroupArn: "tg", TargetType: loadbalance.TargetTypeIP}, true
	}
	fmt.Println(loadbalance.CheckService(service, d, groups))
	// Output:
	// InvalidParameterException: loadBalancers[1].containerName: The container app does not exist in the task definition.
	// InvalidParameterException: loadBalancers[1].targetGroupArn: target group tg is used in more than one entry
}
