package placement_test

import (
	"fmt"
	"os"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/placement"
)

// instance returns a container instance of a zone with CPU units and MiB.
func instance(id, zone string, cpu, memory int) ecs.ContainerInstance {
	return ecs.ContainerInstance{
		ContainerInstanceArn: "arn:aws:ecs:us-east-1:123456789012:container-instance/default/" + id,
		Status:               ecs.ContainerInstanceStatusActive,
		AgentConnected:       true,
		Attributes:           []ecs.Attribute{{Name: "ecs.availability-zone", Value: zone}},
		RegisteredResources:  []ecs.Resource{{Name: "CPU", IntegerValue: cpu}, {Name: "MEMORY", IntegerValue: memory}},
	}
}

func cluster() *placement.Snapshot {
	s, err := placement.NewSnapshot(slices.Values([]ecs.ContainerInstance{
		instance("i-1", "us-east-1a", 1024, 4000), instance("i-2", "us-east-1a", 1024, 600),
		instance("i-3", "us-east-1b", 1024, 3000),
		instance("i-4", "us-east-1b", 1024, 500), instance("i-5", "us-east-1c", 1024, 2000),
	}), slices.Values([]placement.Running{
		{Instance: "i-1", Group: "service:web"}, {Instance: "i-3", Group: "service:web"},
	}))
	if err != nil {
		panic(err)
	}
	return s
}

func web() placement.Request {
	r, err := placement.NewRequest(ecs.TaskDefinition{
		Family:               "web",
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "app", Image: "nginx", CPU: 128, Memory: 512}},
	}, "service:web")
	if err != nil {
		panic(err)
	}
	r.Strategy = []ecs.PlacementStrategy{
		{Type: ecs.PlacementStrategyTypeSpread, Field: "attribute:ecs.availability-zone"},
		{Type: ecs.PlacementStrategyTypeBinpack, Field: "memory"},
	}
	return r
}

// The zones have one, one and no task: the third takes the next.
func ExamplePlace() {
	p, err := placement.Place(cluster(), web())
	fmt.Println(p.Instance, err)
	// Output: i-5 <nil>
}

func ExampleExplain() {
	fmt.Print(placement.Explain(cluster(), web()))
	// Output:
	// service web: placed on i-5  (4 of 5 instances feasible)
	//   spread(attribute:ecs.availability-zone): us-east-1c has 0 tasks, the next 1 → 1 candidate
	//   binpack(memory): 2,000 free → chosen
	// rejected
	//   i-4  RESOURCE:MEMORY  needs 512, has 500
}

func ExampleVerdict_Summary() {
	v := placement.Verdict{Instance: "i-1", Reasons: []placement.Reason{{Code: placement.ReasonMemory}}}
	fmt.Println("(service log) " + v.Summary())
	// Output:
	// (service log) was unable to place a task because no container instance met all of its requirements. The closest matching (container-instance i-1) has insufficient memory available. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.
}

func ExampleExplanation_Summary() {
	r := web()
	r.Need.Memory = 4096
	fmt.Println(placement.Explain(cluster(), r).Summary())
	// Output:
	// (service web) was unable to place a task because no container instance met all of its requirements. The closest matching (container-instance i-1) has insufficient memory available. For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.
}

// An index keeps what it places, and says where the next one goes at once.
func ExampleIndex() {
	x := placement.NewIndex(cluster())
	shape, err := x.Prepare(web())
	if err != nil {
		panic(err)
	}
	first, _ := x.Place(shape, 0)
	second, _ := x.Place(shape, 0)
	fmt.Println(first.Instance, second.Instance, x.Count("service:web"))
	x.Release(shape, first)
	third, _ := x.Place(shape, 0)
	fmt.Println(third.Instance)
	// Output:
	// i-5 i-2 4
	// i-5
}

// What if? Try, TryDrain and Headroom take back what they place.
func ExampleIndex_Try() {
	x := placement.NewIndex(cluster())
	batch := slices.Repeat([]placement.Request{web()}, 3)
	trials, _ := x.Try(batch)
	for _, t := range trials {
		fmt.Print(t.Instance, " ")
	}
	room, _ := x.Headroom(web(), 1000)
	fmt.Println(room)
	// Output: i-5 i-2 i-5 {16 [{us-east-1a 8} {us-east-1b 5} {us-east-1c 3}] [{RESOURCE:MEMORY 5}]}
}

// Where would the tasks of an instance go, were it drained? They still run and count while
// their replacements start.
func ExampleIndex_TryDrain() {
	x := placement.NewIndex(cluster())
	trials, err := x.TryDrain("i-1", []placement.Request{web(), web()})
	fmt.Println(trials, err)
	_, err = x.TryDrain("i-9", nil)
	fmt.Println(err)
	// Output:
	// [{0 i-5} {1 i-2}] <nil>
	// InvalidParameterException: containerInstance: instance i-9 is not there.
}

// How many more of a task fit, in which zones, and what binds when no more do?
func ExampleIndex_Headroom() {
	r := web()
	r.Need.CPU = 512
	room, err := placement.NewIndex(cluster()).Headroom(r, 1000)
	if err != nil {
		panic(err)
	}
	fmt.Println(room.Tasks, "more tasks fit")
	for _, z := range room.Zones {
		fmt.Println(z.Zone, z.Tasks)
	}
	for _, b := range room.Binding {
		fmt.Println(b.Code, "on", b.Instances)
	}
	// Output:
	// 7 more tasks fit
	// us-east-1a 3
	// us-east-1b 2
	// us-east-1c 2
	// RESOURCE:CPU on 3
	// RESOURCE:MEMORY on 2
}

// Base and weight are ecs.Distribute's; each provider's share is then placed on its instances.
func ExampleRequest_capacityProviders() {
	strategy := []ecs.CapacityProviderStrategyItem{
		{CapacityProvider: "on-demand", Base: 2, Weight: 1}, {CapacityProvider: "spot", Weight: 3},
	}
	a, b := instance("i-1", "us-east-1a", 4096, 8192), instance("i-2", "us-east-1a", 4096, 8192)
	a.CapacityProviderName, b.CapacityProviderName = "on-demand", "spot"
	s, err := placement.NewSnapshot(slices.Values([]ecs.ContainerInstance{a, b}), nil)
	if err != nil {
		panic(err)
	}
	x := placement.NewIndex(s)
	for i, n := range ecs.Distribute(strategy, nil, 10) {
		r := web()
		r.CapacityProvider = strategy[i].CapacityProvider
		shape, err := x.Prepare(r)
		if err != nil {
			panic(err)
		}
		fmt.Println(r.CapacityProvider, n, "placed", len(x.PlaceN(nil, shape, n, 0)))
	}
	// Output:
	// on-demand 4 placed 4
	// spot 6 placed 6
}

// The table of network interfaces is data: a new instance type is a line.
func ExampleConfig() {
	ci := instance("i-1", "us-east-1a", 4096, 8192)
	ci.Attributes = append(ci.Attributes, ecs.Attribute{Name: "ecs.instance-type", Value: "x9.large"})
	table := append(placement.DefaultENITable(), placement.ENISlots{InstanceType: "x9.large", Slots: 2, Trunk: 12})
	s, err := placement.Config{ENITable: table}.NewSnapshot(slices.Values([]ecs.ContainerInstance{ci}), nil)
	if err != nil {
		panic(err)
	}
	r := web()
	r.Need.ENI = 1 // network mode awsvpc
	room, _ := placement.NewIndex(s).Headroom(r, 100)
	fmt.Println(room.Tasks, room.Binding)
	// Output: 2 [{RESOURCE:ENI 1}]
}

// StartTask names the instance: Judge says what speaks against it.
func ExampleJudge() {
	r := web()
	r.HostPorts = []ecs.HostPort{{Port: 22, Protocol: ecs.TransportProtocolTcp}}
	r.Constraints = []ecs.PlacementConstraint{
		{Type: ecs.PlacementConstraintTypeMemberOf, Expression: "attribute:stack == prod"},
	}
	v, found, err := placement.Judge(cluster(), r, "i-4")
	fmt.Println(found, err)
	for _, reason := range v.Reasons {
		fmt.Println(reason.Code, reason)
	}
	// Output:
	// true <nil>
	// RESOURCE:MEMORY needs 512, has 500
	// MemberOf placement constraint unsatisfied. attribute:stack == prod (stack is absent)
}

func ExampleIndex_Rollback() {
	x := placement.NewIndex(cluster())
	shape, _ := x.Prepare(web())
	mark := x.Mark()
	fmt.Println(len(x.PlaceN(nil, shape, 10, 0)), x.Count("service:web"))
	x.Rollback(mark)
	fmt.Println(x.Count("service:web"))
	// Output:
	// 10 12
	// 2
}

func ExampleVictims() {
	tasks := []placement.Running{
		{ID: "t1", Instance: "i-1", Group: "service:web"},
		{ID: "t2", Instance: "i-3", Group: "service:web", Protected: true},
	}
	r := web()
	r.Strategy = nil
	fmt.Println(placement.Victims(cluster(), r, tasks, 2))
	// Output: [t1]
}

// A service's tasks stand in order while it scales in: each choice looks at a few of them.
func ExampleStanding() {
	index := placement.NewIndex(cluster())
	shape, err := index.Prepare(web())
	if err != nil {
		panic(err)
	}
	standing := index.Standing(shape)
	defer standing.Close()
	for i := range 6 {
		p, _ := index.Place(shape, 0)
		standing.Put(placement.Running{ID: ecs.TaskID(fmt.Sprint("task-", i)), Instance: p.Instance})
	}
	fmt.Println(standing.Take(2, "", 1), standing.Len(""))
	// Output:
	// [task-5 task-4] 4
}

func ExampleFargateZone() {
	request := placement.Request{Group: "service:web", Zones: []string{"us-east-1a", "us-east-1b"}}
	zone, err := placement.FargateZone(request,
		slices.Values([]placement.Running{{Group: "service:web", Zone: "us-east-1a", CapacityProvider: "FARGATE"}}))
	fmt.Println(zone, err)
	// Output: us-east-1b <nil>
}

// The files are what "aws ecs describe-container-instances" and "aws ecs describe-tasks"
// printed while a task of service web would not start.
func ExampleReadSnapshot() {
	instances, err := os.ReadFile("testdata/describe-container-instances.json")
	if err != nil {
		panic(err)
	}
	tasks, err := os.ReadFile("testdata/describe-tasks.json")
	if err != nil {
		panic(err)
	}
	s, err := placement.ReadSnapshot(instances, tasks)
	if err != nil {
		panic(err)
	}
	r := web()
	r.HostPorts = []ecs.HostPort{{Port: 8080, Protocol: ecs.TransportProtocolTcp}}
	e := placement.Explain(s, r)
	fmt.Print(e)
	// Output:
	// service web: not placed  (0 of 3 instances feasible)
	// rejected
	//   0a1b2c3d4e5f60718293a4b5c6d7e8f9  RESOURCE:PORTS  8080/tcp is in use
	//   1b2c3d4e5f60718293a4b5c6d7e8f90a  RESOURCE:MEMORY  needs 512, has 311
	//                                     AGENT  the agent is not connected
	//   2c3d4e5f60718293a4b5c6d7e8f90a1b  INACTIVE  the instance is DRAINING
	// closest
	//   0a1b2c3d4e5f60718293a4b5c6d7e8f9
	//     use a dynamic host port instead of 8080/tcp, or stop what holds 8080/tcp on 0a1b2c3d4e5f60718293a4b5c6d7e8f9
}
