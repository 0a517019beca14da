package placement

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/stretchr/testify/require"
)

func mustPlace(t *testing.T, s *Snapshot, r Request) ecs.InstanceID {
	t.Helper()
	p, err := Place(s, r)
	require.NoError(t, err)
	return p.Instance
}

// facts 2.3, the worked example.
func TestWorkedSpreadThenBinpack(t *testing.T) {
	free := func(mem int64) *ecs.Resources { return &ecs.Resources{CPU: 1000, Memory: mem} }
	boxes := []box{
		{id: "i1", zone: "a", mem: 8000, remaining: free(4000)}, {id: "i2", zone: "a", mem: 8000, remaining: free(600)},
		{id: "i3", zone: "b", mem: 8000, remaining: free(3000)}, {id: "i4", zone: "b", mem: 8000, remaining: free(500)},
		{id: "i5", zone: "c", mem: 8000, remaining: free(2000)},
	}
	running := []Running{{Instance: "i1", Group: "service:s"}, {Instance: "i3", Group: "service:s"},
		{Instance: "i2", Group: "service:other"}}
	r := Request{Group: "service:s", Need: ecs.Resources{Memory: 512},
		Strategy: []ecs.PlacementStrategy{bySpreadAZ, binpack("MEMORY")}}
	require.EqualValues(t, "i5", mustPlace(t, snapshot(boxes, running...), r))
	running = append(running, Running{Instance: "i5", Group: "service:s"})
	boxes[4].remaining = free(1488)
	require.EqualValues(t, "i2", mustPlace(t, snapshot(boxes, running...), r),
		"all zones tie, so binpack chooses among all")
}

// facts 2.4: a service without strategy goes to the zone, then the instance, with the fewest of its tasks.
func TestWorkedDefaults(t *testing.T) {
	boxes := []box{{id: "a1", zone: "a", mem: 99}, {id: "b1", zone: "b", mem: 99}, {id: "b2", zone: "b", mem: 99},
		{id: "c1", zone: "c", mem: 99}}
	running := []Running{{Instance: "a1", Group: "service:s"}, {Instance: "c1", Group: "service:s"},
		{Instance: "c1", Group: "service:s"}, {Instance: "b1", Group: "service:x"}}
	r := Request{Group: "service:s", Need: ecs.Resources{Memory: 1}}
	require.EqualValues(t, "b1", mustPlace(t, snapshot(boxes, running...), r))
	running = append(running, Running{Instance: "b1", Group: "service:s"})
	require.EqualValues(t, "b2", mustPlace(t, snapshot(boxes, running[1:]...),
		Request{Group: "service:s", Zones: []string{"b"}}))
	seen := map[ecs.InstanceID]bool{}
	for seed := range uint64(50) {
		seen[mustPlace(t, snapshot(boxes), Request{Group: "family:f", Seed: seed})] = true
	}
	require.Len(t, seen, 4, "RunTask's default is random")
}

// facts 3.4, row by row: each expression as a constraint, every instance with room.
func TestWorkedFleetTable(t *testing.T) {
	cis := []ecs.ContainerInstance{}
	for _, row := range []struct{ name, kind, zone, stack, agent, registered, ec2 string }{
		{"A", "t2.small", "us-east-1a", "prod", "1.14.4", "2018-02-01", "i-abcd1234"}, {"B", "t2.medium", "us-east-1b",
			"test", "1.14.5", "2018-03-01", "i-wxyx7890"},
		{"C", "g2.2xlarge", "us-east-1d", "", "1.9.0", "2018-02-12", "i-00000003"}, {"D", "g2.8xlarge", "us-east-1a",
			"prod", "1.80.0", "2024-01-01", "i-00000004"},
	} {
		b := box{id: row.name, kind: row.kind, zone: row.zone, cpu: 100, mem: 100}
		if row.stack != "" {
			b.attributes = []ecs.Attribute{{Name: "stack", Value: row.stack}}
		}
		ci := b.instance()
		ci.EC2InstanceID, ci.VersionInfo, ci.RegisteredAt = row.ec2, &ecs.VersionInfo{AgentVersion: row.agent}, day(t,
			row.registered)
		cis = append(cis, ci)
	}
	running := []Running{
		{Instance: "A", Group: "service:production"}, {Instance: "B", Group: "database"},
		{Instance: "B", Group: "database"}, {Instance: "B", Group: "database"},
		{Instance: "D", Group: "service:production"}, {Instance: "D", Group: "database"},
	}
	s, err := NewSnapshot(slices.Values(cis), slices.Values(running))
	require.NoError(t, err)
	for _, row := range []struct{ expression, selects string }{
		{"attribute:ecs.instance-type == t2.small", "A"},
		{"attribute:ecs.availability-zone in [us-east-1a, us-east-1b]", "ABD"},
		{"attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d", "D"},
		{"attribute:ecs.instance-type in [t2.small, t2.medium]", "AB"},
		{"attribute:ecs.instance-type =~ t2.* and attribute:ecs.availability-zone == us-east-1a", "A"},
		{"task:group == service:production", "AD"},
		{"not(task:group == database)", "AC"},
		{"runningTasksCount == 1", "A"},
		{"runningTasksCount < 2", "AC"},
		{"agentVersion < 1.14.5", "AC"},
		{"registeredAt < 2018-02-13", "AC"},
		{"ec2InstanceId in ['i-abcd1234', 'i-wxyx7890']", "AB"},
		{"attribute:stack == prod", "AD"},
		{"attribute:stack != prod", "B"},
		{"attribute:stack exists", "ABD"},
		{"attribute:stack !exists", "C"},
		{"(attribute:stack == prod or attribute:stack !exists) and runningTasksCount <= 1", "AC"},
		{"attribute:ecs.availability-zone not_in [us-east-1a]", "BC"},
		{"attribute:ecs.instance-type not_matches t2.*", "CD"},
		{"agentConnected == true", "ABCD"},
		{"task:group == service:daemon-service", ""},
	} {
		r := Request{Group: "g", Need: ecs.Resources{CPU: 1},
			Constraints: []ecs.PlacementConstraint{memberOf(row.expression)}}
		got := ""
		for v := range Explain(s, r).Verdicts() {
			if len(v.Reasons) == 0 {
				got += string(v.Instance)
			}
		}
		require.Equal(t, row.selects, got, row.expression)
		x := NewIndex(s)
		sh, err := x.Prepare(r)
		require.NoError(t, err)
		got = ""
		for _, ci := range cis {
			if p, ok := x.PlaceOn(sh, ci.ID()); ok {
				got += string(p.Instance)
				x.Release(sh, p)
			}
		}
		require.Equal(t, row.selects, got, row.expression)
	}
}

// The traps of facts 11 that are placement's.
func TestTraps(t *testing.T) {
	r := Request{Group: "service:s", Need: ecs.Resources{CPU: 1, Memory: 1},
		Strategy: []ecs.PlacementStrategy{binpack("memory")}}
	t.Run("1 remaining ports are taken ports", func(t *testing.T) {
		s := snapshot([]box{{id: "i1", cpu: 9, mem: 9, ports: []uint16{80}, udp: []uint16{53}}})
		with := r
		with.HostPorts = []ecs.HostPort{tcp(80)}
		e := Explain(s, with)
		require.Equal(t,
			"(service s) was unable to place a task because no container instance met all of its requirements. The "+
				"closest matching (container-instance i1) is already using a port required by your task. For more "+
				"information, see the Troubleshooting section of the Amazon ECS Developer Guide.", e.Summary())
		with.HostPorts = []ecs.HostPort{udp(80), tcp(53)} // 4: TCP and UDP do not clash
		require.EqualValues(t, "i1", mustPlace(t, s, with))
	})
	t.Run("3 spread counts the group's tasks only", func(t *testing.T) {
		s := snapshot([]box{{id: "i1", cpu: 9, mem: 9}, {id: "i2", cpu: 9, mem: 9}},
			Running{Instance: "i1", Group: "service:x"}, Running{Instance: "i1", Group: "service:x"},
			Running{Instance: "i2", Group: "service:s"})
		with := r
		with.Strategy = []ecs.PlacementStrategy{spread("host")}
		require.EqualValues(t, "i1", mustPlace(t, s, with))
	})
	t.Run("5 a stopping task does not block distinctInstance", func(t *testing.T) {
		with := r
		with.Constraints = []ecs.PlacementConstraint{distinct()}
		boxes := []box{{id: "i1", cpu: 9, mem: 9}}
		_, err := Place(snapshot(boxes, Running{Instance: "i1", Group: "service:s"}), with)
		require.IsType(t, &NotPlaced{}, err)
		require.EqualValues(t, "i1",
			mustPlace(t, snapshot(boxes, Running{Instance: "i1", Group: "service:s",
				DesiredStatus: ecs.DesiredStatusStopped}), with))
	})
	t.Run("8 constraints of definition and service both apply", func(t *testing.T) {
		d := ecs.TaskDefinition{Family: "f", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "c", Memory: 1}},
			PlacementConstraints: []ecs.PlacementConstraint{memberOf("attribute:stack == prod")}}
		both, err := NewRequest(d, "")
		require.NoError(t, err)
		require.Equal(t, "family:f", both.Group)
		both.Constraints = append(both.Constraints, memberOf("attribute:rack == 2"))
		attr := func(rack string) []ecs.Attribute {
			return []ecs.Attribute{{Name: "stack", Value: "prod"}, {Name: "rack", Value: rack}}
		}
		s := snapshot([]box{{id: "i1", cpu: 9, mem: 9, attributes: attr("1")},
			{id: "i2", cpu: 9, mem: 9, attributes: attr("2")[1:]}, {id: "i3", cpu: 9, mem: 9, attributes: attr("2")}})
		require.EqualValues(t, "i3", mustPlace(t, s, both))
	})
	t.Run("13 a disconnected agent takes nothing", func(t *testing.T) {
		_, err := Place(snapshot([]box{{id: "i1", cpu: 9, mem: 9, offline: true}}), r)
		require.EqualError(t, err, "AGENT on 1 instance")
	})
	t.Run("26 Fargate and Fargate Spot are spread apart", func(t *testing.T) {
		running := []Running{
			{Zone: "a", Group: "service:s", CapacityProvider: "FARGATE"}, {Zone: "b", Group: "service:s",
				CapacityProvider: "FARGATE_SPOT"},
			{Zone: "c", Group: "service:s", LaunchType: ecs.LaunchTypeFargate}, {Zone: "b", Group: "service:other"},
			{Zone: "b", Group: "service:s", DesiredStatus: ecs.DesiredStatusStopped},
		}
		zone := func(r Request) string {
			z, err := FargateZone(r, slices.Values(running))
			require.NoError(t, err)
			return z
		}
		on := Request{Group: "service:s", Zones: []string{"c", "b", "a"}}
		require.Equal(t, "b", zone(on))
		on.Zones = []string{"a", "a", "c", "b"} // two subnets of one zone
		require.Equal(t, "b", zone(on))
		on.CapacityProvider = "FARGATE_SPOT"
		require.Equal(t, "a", zone(on))
		on.Strategy, on.Constraints, on.Zones = []ecs.PlacementStrategy{byHost}, []ecs.PlacementConstraint{distinct()},
			nil
		_, err := FargateZone(on, nil)
		require.Equal(t, []string{"networkConfiguration.awsvpcConfiguration.subnets", "placementConstraints",
			"placementStrategy"}, fields(err))
	})
}

// facts 2.7: the reasons, in their order.
func TestReasons(t *testing.T) {
	full := box{id: "i1", zone: "a", kind: "c5.large", cpu: 1024, mem: 2048, ports: []uint16{80}}
	r := Request{Group: "service:s", Need: ecs.Resources{CPU: 512, Memory: 512}}
	for _, row := range []struct {
		reason ReasonCode
		tail   string
		change func(r *Request, b *box)
	}{
		{ReasonCPU, "has insufficient CPU units available.", func(r *Request, b *box) { r.Need.CPU = 2000 }},
		{ReasonMemory, "has insufficient memory available.", func(r *Request, b *box) { r.Need.Memory = 4000 }},
		{ReasonGPU, "has insufficient GPU resource available.", func(r *Request, b *box) { r.Need.GPU = 1 }},
		{ReasonPorts, "is already using a port required by your task.", func(r *Request, b *box) {
			r.HostPorts = []ecs.HostPort{tcp(80)}
		}},
		{ReasonENI, `Reason: encountered error "RESOURCE:ENI".`, func(r *Request, b *box) { r.Need.ENI = 3 }},
		{ReasonAttribute, "is missing an attribute required by your task.", func(r *Request, b *box) {
			r.Attributes = []ecs.Attribute{{Name: "ecs.capability.task-eni"}}
		}},
		{ReasonAgent, "doesn't have the agent connected.", func(r *Request, b *box) { b.offline = true }},
		{ReasonLocation, `encountered error "LOCATION".`, func(r *Request, b *box) { r.Zones = []string{"b"} }},
		{ReasonMemberOf, `encountered error "MemberOf placement constraint unsatisfied."`, func(r *Request, b *box) {
			r.Constraints = []ecs.PlacementConstraint{memberOf("attribute:x exists")}
		}},
		{"", "Reason: No Container Instances were found in your capacity provider.", func(r *Request, b *box) {
			r.CapacityProvider = "cp"
		}},
		{"", "Reason: No Container Instances were found in your cluster.", func(r *Request, b *box) {
			b.status = ecs.ContainerInstanceStatusDraining
		}},
		{"", "Reason: No Container Instances were found in your capacity provider.", func(r *Request, b *box) {
			r.LaunchType = ecs.LaunchTypeExternal
		}},
	} {
		r, b := r, full
		row.change(&r, &b)
		s := snapshot([]box{b})
		_, err := Place(s, r)
		var not *NotPlaced
		require.ErrorAs(t, err, &not)
		if row.reason == "" {
			require.Empty(t, not.Failures)
		} else {
			require.Equal(t, string(row.reason), not.Failures[0].Reason)
			require.True(t, strings.HasSuffix(not.Failures[0].Arn, "/i1"))
		}
		require.Contains(t, Explain(s, r).Summary(), row.tail)
		require.NotEmpty(t, Explain(s, r).String())
	}
	require.Equal(t, " Reason: No Container Instances were found in your cluster.", Explain(snapshot(nil), r).tail())
}

// facts 1.5: interfaces by type, with and without a trunk.
func TestENISlots(t *testing.T) {
	r := Request{Group: "service:s", Need: ecs.Resources{ENI: 1}}
	count := func(b box, c Config) int {
		s, err := c.NewSnapshot(slices.Values([]ecs.ContainerInstance{b.instance()}), nil)
		require.NoError(t, err)
		x := NewIndex(s)
		sh, err := x.Prepare(r)
		require.NoError(t, err)
		return len(x.PlaceN(nil, sh, 1000, 0))
	}
	trunk := []ecs.Attribute{{Name: "ecs.awsvpc-trunk-id", Value: "eni-1"}}
	require.Equal(t, 2, count(box{id: "i", kind: "c5.large"}, Config{}))
	require.Equal(t, 10, count(box{id: "i", kind: "c5.large", attributes: trunk}, Config{}))
	require.Equal(t, 120, count(box{id: "i", kind: "p4d.24xlarge", attributes: trunk}, Config{}))
	require.Equal(t, 1000, count(box{id: "i", kind: "own.large"}, Config{}))
	require.Equal(t, 5, count(box{id: "i", kind: "own.large"},
		Config{ENITable: ENITable{{InstanceType: "own.large", Slots: 5}}}))
	require.Equal(t, 7, count(box{id: "i", kind: "c5.large"},
		Config{ENITable: append(DefaultENITable(), ENISlots{InstanceType: "c5.large", Slots: 7},
			ENISlots{InstanceType: "a1.large", Slots: 1})}), "the last line counts")
}

// facts 2.8: whom scale-in stops.
func TestVictims(t *testing.T) {
	boxes := []box{{id: "a1", zone: "a", mem: 1000, cpu: 1000}, {id: "a2", zone: "a", mem: 1000, cpu: 1000},
		{id: "b1", zone: "b", mem: 1000, cpu: 1000}}
	task := func(id string, at ecs.InstanceID, mem int64) Running {
		return Running{ID: ecs.TaskID(id), Instance: at, Group: "service:s",
			Resources: ecs.Resources{CPU: 10, Memory: mem}}
	}
	running := []Running{task("1", "a1", 100), task("2", "a1", 100), task("3", "a2", 300),
		task("4", "b1", 100), task("5", "b1", 500)}
	s := snapshot(boxes, running...)
	r := Request{Group: "service:s", Need: ecs.Resources{CPU: 10, Memory: 100}}
	stop := func(n int, r Request, among ...Running) string { return fmt.Sprint(Victims(s, r, among, n)) }
	none := stop(1, r, running...)
	require.Contains(t, []string{"[1]", "[2]"}, none, "zone a has most, and a1 of it")
	r.Strategy = []ecs.PlacementStrategy{binpack("memory")}
	require.Equal(t, "[3]", stop(1, r, running[2:]...), "a2 would have 1000 left, b1 900 or 500 less")
	require.Equal(t, "[3 5 4]", stop(3, r, running[2:]...))
	r.Strategy = []ecs.PlacementStrategy{bySpreadAZ}
	seen := map[string]bool{}
	for r.Seed = range uint64(40) {
		seen[stop(1, r, running...)] = true
	}
	require.Equal(t, map[string]bool{"[1]": true, "[2]": true, "[3]": true}, seen, "any of zone a")
	require.Len(t, Victims(s, r, running, 99), 5)
	protected := slices.Clone(running)
	for i := range 4 {
		protected[i].Protected = true
	}
	require.Equal(t, "[5]", stop(3, r, protected...))
	r.Deployment = "new"
	old := slices.Clone(running)
	for i := range old {
		old[i].Deployment = "new"
	}
	old[4].Deployment = "old"
	require.Equal(t, "[5]", stop(1, r, old...), "what the deployment removes goes first")
	old[4].Deployment, old[3].Health = "new", ecs.HealthStatusUnhealthy
	require.Equal(t, "[4]", stop(1, r, old...))
	x := NewIndex(s)
	sh, err := x.Prepare(r)
	require.NoError(t, err)
	for seed := range uint64(20) {
		r.Seed = seed
		require.Equal(t, Victims(s, r, old, 4), x.Victims(sh, old, 4, "new", seed))
	}
	fargate := []Running{{ID: "1", Zone: "a", Group: "service:s"}, {ID: "2", Zone: "b", Group: "service:s"},
		{ID: "3", Zone: "b", Group: "service:s"}}
	require.Len(t, Victims(snapshot(nil), Request{Group: "service:s"}, fargate, 1), 1)
	require.NotEqual(t, "[1]", fmt.Sprint(Victims(snapshot(nil), Request{Group: "service:s"}, fargate, 1)))
}

// The wrong is refused with code, field and position, and changes nothing.
func TestBadInput(t *testing.T) {
	good := Request{Group: "service:s", Need: ecs.Resources{CPU: 1}}
	x := NewIndex(snapshot([]box{{id: "i1", cpu: 10, mem: 10}}))
	for _, row := range []struct {
		field, message string
		change         func(r *Request)
	}{
		{"placementStrategy", "6 strategies given, at most 5", func(r *Request) {
			r.Strategy = slices.Repeat([]ecs.PlacementStrategy{bySpreadAZ}, 6)
		}},
		{"placementStrategy[1].field", `not by "disk"`, func(r *Request) {
			r.Strategy = []ecs.PlacementStrategy{byHost, binpack("disk")}
		}},
		{"placementStrategy[0].field", `not by "zone"`, func(r *Request) {
			r.Strategy = []ecs.PlacementStrategy{spread("zone")}
		}},
		{"placementStrategy[0].field", `not by "attribute:"`, func(r *Request) {
			r.Strategy = []ecs.PlacementStrategy{spread("attribute:")}
		}},
		{"placementStrategy[0].type", `"best"`, func(r *Request) {
			r.Strategy = []ecs.PlacementStrategy{{Type: "best"}}
		}},
		{"placementConstraints", "11 constraints given, at most 10", func(r *Request) {
			r.Constraints = slices.Repeat([]ecs.PlacementConstraint{distinct()}, 11)
		}},
		{"placementConstraints[0].expression", "distinctInstance expression should not be specified.",
			func(r *Request) {
				r.Constraints = []ecs.PlacementConstraint{{Type: "distinctInstance", Expression: "x"}}
			}},
		{"placementConstraints[0].type", `"near"`, func(r *Request) {
			r.Constraints = []ecs.PlacementConstraint{{Type: "near"}}
		}},
		{"placementConstraints[0].expression", "2000", func(r *Request) {
			r.Constraints = []ecs.PlacementConstraint{memberOf("attribute:x == " + strings.Repeat("y", 2000))}
		}},
		{"placementConstraints[1].expression", "^", func(r *Request) {
			r.Constraints = []ecs.PlacementConstraint{distinct(), memberOf("attribute:x = y")}
		}},
		{"placementConstraints[0].expression", "^", func(r *Request) {
			r.Constraints = []ecs.PlacementConstraint{memberOf("attribute:x =~ '" + strings.Repeat("(a{1,99}){1,99}",
				9) + "'")}
		}},
		{"placementStrategy[0].field", `"cpu"`, func(r *Request) {
			r.Strategy = []ecs.PlacementStrategy{{Type: "random", Field: "cpu"}}
		}},
		{"need.cpu", "-1", func(r *Request) { r.Need.CPU = -1 }},
		{"need.memory", "2147483648", func(r *Request) { r.Need.Memory = 1 << 31 }},
		{"launchType", `"FOG"`, func(r *Request) { r.LaunchType = "FOG" }},
		{"launchType", "FargateZone", func(r *Request) { r.LaunchType = ecs.LaunchTypeFargate }},
		{"capacityProvider", "FargateZone", func(r *Request) { r.CapacityProvider = "FARGATE_SPOT" }},
		{"group", "256", func(r *Request) { r.Group = strings.Repeat("g", 256) }},
		{"attributes[0].value", "129", func(r *Request) {
			r.Attributes = []ecs.Attribute{{Name: "n", Value: strings.Repeat("v", 129)}}
		}},
		{"need.gpu", "32768", func(r *Request) { r.Need.GPU = 1 << 15 }},
		{"need.eni", "-1", func(r *Request) { r.Need.ENI = -1 }},
		{"hostPorts[1].port", "twice", func(r *Request) { r.HostPorts = []ecs.HostPort{tcp(1), tcp(1)} }},
		{"hostPorts[0].port", "0 is not", func(r *Request) { r.HostPorts = []ecs.HostPort{tcp(0)} }},
		{"hostPorts[0].protocol", "sctp", func(r *Request) {
			r.HostPorts = []ecs.HostPort{{Port: 1, Protocol: "sctp"}}
		}},
		{"attributes[0].name", "1 to 128", func(r *Request) {
			r.Attributes = []ecs.Attribute{{Name: strings.Repeat("n", 129)}}
		}},
		{"attributes[0].name", "position 1", func(r *Request) { r.Attributes = []ecs.Attribute{{Name: "a b"}} }},
	} {
		r := good
		row.change(&r)
		_, err := Place(x.Snapshot(), r)
		requireFault(t, err, ecs.InvalidParameterException, row.field, row.message)
		before := len(x.shapes)
		_, err = x.Prepare(r)
		requireFault(t, err, ecs.InvalidParameterException, row.field, row.message)
		require.Len(t, x.shapes, before)
		require.Error(t, Explain(x.Snapshot(), r).Err)
		_, err = x.Try([]Request{good, r})
		requireFault(t, err, ecs.InvalidParameterException, "requests[1]."+row.field, row.message)
	}
	all := Request{
		Group: strings.Repeat("g", 256), Need: ecs.Resources{CPU: -1, GPU: -1}, LaunchType: "FOG",
		HostPorts:   []ecs.HostPort{tcp(0)},
		Attributes:  []ecs.Attribute{{}},
		Strategy:    []ecs.PlacementStrategy{byHost, spread(""), {}},
		Constraints: []ecs.PlacementConstraint{memberOf(""), {}, {Type: "distinctInstance", Expression: "x"}},
	}
	counts := func() []int {
		return []int{len(x.shapes), len(x.filters), len(x.groups), len(x.ports), len(x.orders), len(x.dims)}
	}
	was := counts()
	_, err := x.Prepare(all)
	require.Equal(t, was, counts())
	require.Equal(t, []string{
		"attributes[0].name", "group", "hostPorts[0].port", "launchType", "need.cpu", "need.gpu",
		"placementConstraints[0].expression",
		"placementConstraints[1].type", "placementConstraints[2].expression", "placementStrategy[1].field",
		"placementStrategy[2].type",
	}, fields(err), "all faults at once, in order of field")
	d := ecs.TaskDefinition{Family: "f", PlacementConstraints: []ecs.PlacementConstraint{distinct()}}
	_, err = NewRequest(d, "")
	requireFault(t, err, ecs.InvalidParameterException, "placementConstraints[0].type",
		"constraint.type 'distinctInstance' is not supported.")

	before := dump(x.Snapshot())
	eleven := make([]ecs.Attribute, 11)
	for i := range eleven {
		eleven[i].Name = fmt.Sprint("own", i)
	}
	for _, row := range []struct {
		code  ecs.Code
		field string
		b     box
	}{
		{ecs.InvalidParameterException, "containerInstance.attributes[0].name",
			box{id: "i1", attributes: []ecs.Attribute{{Name: strings.Repeat("n", 129)}}}},
		{ecs.InvalidParameterException, "containerInstance.attributes[0].value",
			box{id: "i1", attributes: []ecs.Attribute{{Name: "n", Value: strings.Repeat("v", 129)}}}},
		{ecs.InvalidParameterException, "containerInstance.attributes[0].value",
			box{id: "i1", attributes: []ecs.Attribute{{Name: "n", Value: " v"}}}},
		{ecs.InvalidParameterException, "containerInstance.attributes[0].value",
			box{id: "i1", attributes: []ecs.Attribute{{Name: "n", Value: "a,b"}}}},
		{ecs.AttributeLimitExceededException, "containerInstance.attributes", box{id: "i1", attributes: eleven}},
		{ecs.InvalidParameterException, "containerInstance.containerInstanceArn", box{}},
		{ecs.InvalidParameterException, "containerInstance.runningTasksCount", box{id: "i1", running: -1}},
	} {
		requireFault(t, x.Upsert(row.b.instance()), row.code, row.field, "")
		require.Equal(t, before, dump(x.Snapshot()))
	}
	huge := box{id: "i1"}.instance()
	huge.RegisteredResources = []ecs.Resource{{Name: ecs.ResourceMemory, Type: "LONG", LongValue: 1 << 31}}
	requireFault(t, x.Upsert(huge), ecs.InvalidParameterException, "containerInstance.registeredResources", "")
	require.ErrorIs(t, x.Remove("i2"), ecs.InvalidParameterException)
	_, err = x.TryDrain("i2", nil)
	require.ErrorIs(t, err, ecs.InvalidParameterException)
	_, err = NewSnapshot(slices.Values([]ecs.ContainerInstance{box{id: "i1"}.instance(), box{id: "i1"}.instance()}),
		nil)
	require.ErrorIs(t, err, ecs.InvalidParameterException)
	_, err = ReadSnapshot([]byte("{"), nil)
	require.ErrorIs(t, err, ecs.SerializationException)
	mark := x.Mark()
	x.Keep(mark)
	require.Panics(t, func() { x.Rollback(mark) })
}

func requireFault(t *testing.T, err error, code ecs.Code, field, message string) {
	t.Helper()
	require.ErrorIs(t, err, code)
	for e := range ecs.Errors(err) {
		if e.Field == field && strings.Contains(e.Message, message) {
			return
		}
	}
	require.Fail(t, "no such fault", "%s %q in %v", field, message, err)
}

func fields(err error) []string {
	var all []string
	for e := range ecs.Errors(err) {
		all = append(all, e.Field)
	}
	return all
}
