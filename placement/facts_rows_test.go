package placement

import (
	"slices"
	"strings"
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/stretchr/testify/require"
)

// places reports whether one instance takes the task, by Place and by an Index alike.
func places(t *testing.T, s *Snapshot, r Request) bool {
	t.Helper()
	_, err := Place(s, r)
	x := NewIndex(s)
	sh, prepared := x.Prepare(r)
	require.NoError(t, prepared)
	_, ok := x.Place(sh, r.Seed)
	require.Equal(t, err == nil, ok)
	return ok
}

// facts 1.2, the table of statuses.
func TestStatuses(t *testing.T) {
	for _, row := range []struct {
		status  ecs.ContainerInstanceStatus
		offline bool
		takes   bool
	}{
		{ecs.ContainerInstanceStatusRegistering, false, false},
		{ecs.ContainerInstanceStatusRegistrationFailed, false, false},
		{ecs.ContainerInstanceStatusActive, false, true}, {ecs.ContainerInstanceStatusActive, true, false},
		{ecs.ContainerInstanceStatusDraining, false, false}, {ecs.ContainerInstanceStatusDeregistering, false, false},
		{ecs.ContainerInstanceStatusInactive, false, false},
	} {
		s := snapshot([]box{{id: "i1", cpu: 1, mem: 1, status: row.status, offline: row.offline}})
		require.Equal(t, row.takes, places(t, s, Request{Group: "service:s"}), "%s, offline %v",
			row.status, row.offline)
		require.Equal(t, 1, s.Len(), "it is registered all the same")
	}
}

// facts 1.3: the sample instance. What remains of CPU and GPUs is free, what remains of ports is taken.
func TestResourceVocabulary(t *testing.T) {
	sample := box{id: "i1", cpu: 2048, mem: 3767, gpu: 2, ports: []uint16{22, 2376, 2375, 51678, 51679},
		remaining: &ecs.Resources{CPU: 512, Memory: 100, GPU: 1}}
	s := snapshot([]box{sample})
	for _, row := range []struct {
		what  string
		r     Request
		takes bool
	}{
		{"the units that remain", Request{Need: ecs.Resources{CPU: 512, Memory: 100, GPU: 1}}, true},
		{"one unit more", Request{Need: ecs.Resources{CPU: 513}}, false},
		{"one MiB more", Request{Need: ecs.Resources{Memory: 101}}, false},
		{"a GPU that is in use", Request{Need: ecs.Resources{GPU: 2}}, false},
		{"SSH's port", Request{HostPorts: []ecs.HostPort{tcp(22)}}, false},
		{"the same port of UDP", Request{HostPorts: []ecs.HostPort{udp(22)}}, true},
		{"the credentials endpoint's port", Request{HostPorts: []ecs.HostPort{tcp(51679)}}, false},
		{"a port that is not in the list", Request{HostPorts: []ecs.HostPort{tcp(51680)}}, true},
	} {
		require.Equal(t, row.takes, places(t, s, row.r), row.what)
	}
}

// facts 1.5, the table, row by row: awsvpc tasks without and with a trunk.
func TestENITableRowByRow(t *testing.T) {
	const table = `
		c5.large 2 10     c5.xlarge 3 20     c5.2xlarge 3 40      c5.4xlarge 7 60
		c5.9xlarge 7 60   c5.18xlarge 14 120 m5.large 2 10        m5.xlarge 3 20
		m5.2xlarge 3 40   m5.4xlarge 7 60    m5.16xlarge 14 120   m6g.medium 1 4
		m6i.8xlarge 7 90  m6i.12xlarge 7 120 m7i-flex.large 2 4   r5.large 2 10
		p3.2xlarge 3 40   p4d.24xlarge 59 120 g5.xlarge 3 6       t8i.small 2 4`
	words := strings.Fields(table)
	require.Len(t, words, 3*len(DefaultENITable()))
	for row := range slices.Chunk(words, 3) {
		for i, attributes := range [][]ecs.Attribute{nil, {{Name: "ecs.awsvpc-trunk-id", Value: "eni-1"}}} {
			x := NewIndex(snapshot([]box{{id: "i1", kind: row[0], cpu: 1, attributes: attributes}}))
			sh, err := x.Prepare(Request{Group: "service:s", Need: ecs.Resources{ENI: 1}})
			require.NoError(t, err)
			require.Equal(t, row[1+i], thousands(int64(len(x.PlaceN(nil, sh, 500, 0)))), row)
			e := x.Explain(sh, 0)
			require.Contains(t, e.Summary(), `Reason: encountered error "RESOURCE:ENI".`)
			require.True(t, places(t, x.Snapshot(), Request{Group: "service:s"}),
				"host and bridge mode are not limited")
		}
	}
	// A type without trunk support has its own interfaces, trunk or not; see facts 1.5.
	c := Config{ENITable: ENITable{{InstanceType: "i3.large", Slots: 2}}}
	b := box{id: "i1", kind: "i3.large", cpu: 1,
		attributes: []ecs.Attribute{{Name: "ecs.awsvpc-trunk-id", Value: "eni-1"}}}
	s, err := c.NewSnapshot(slices.Values([]ecs.ContainerInstance{b.instance()}), nil)
	require.NoError(t, err)
	free, _ := s.Remaining("i1")
	require.EqualValues(t, 2, free.ENI)
}

// facts 2.3: fields in any case, host for instanceId, five rules, chains, and an attribute that is missing.
func TestStrategyFields(t *testing.T) {
	boxes := []box{
		{id: "i1", zone: "a", cpu: 100, mem: 900}, {id: "i2", zone: "b", cpu: 900, mem: 100},
		{id: "i3", cpu: 500, mem: 500},
	}
	s := snapshot(boxes, Running{Instance: "i1", Group: "service:s"}, Running{Instance: "i2", Group: "service:s"},
		Running{Instance: "i2", Group: "service:s", DesiredStatus: ecs.DesiredStatusRunning})
	for _, row := range []struct {
		to    ecs.InstanceID
		chain []ecs.PlacementStrategy
	}{
		{"i1", []ecs.PlacementStrategy{binpack("cpu")}}, {"i1", []ecs.PlacementStrategy{binpack("CPU")}},
		{"i2", []ecs.PlacementStrategy{binpack("MEMORY")}},
		{"i3", []ecs.PlacementStrategy{byHost}}, {"i3", []ecs.PlacementStrategy{spread("host")}},
		{"i3", []ecs.PlacementStrategy{bySpreadAZ}},                            // without a zone is a zone of its own
		{"i3", []ecs.PlacementStrategy{spread("attribute:rack"), byHost}},      // all lack it: they tie
		{"i2", []ecs.PlacementStrategy{binpack("memory"), bySpreadAZ, byHost}}, // the first rule decides alone
		{"i3", []ecs.PlacementStrategy{spread("attribute:rack"), bySpreadAZ, byHost,
			binpack("cpu"), binpack("memory")}},
	} {
		require.Equal(t, row.to, mustPlace(t, s, Request{Group: "service:s", Need: ecs.Resources{CPU: 1, Memory: 1},
			Strategy: row.chain}), "%v", row.chain)
	}
}

// facts 2.5: what distinctInstance is about, and that all constraints hold together.
func TestConstraintScopes(t *testing.T) {
	boxes := []box{{id: "i1", cpu: 9, mem: 9, attributes: []ecs.Attribute{{Name: "stack", Value: "prod"}}},
		{id: "i2", cpu: 9, mem: 9}}
	r := Request{Group: "service:web", Constraints: []ecs.PlacementConstraint{distinct()}}
	other := []Running{{Instance: "i1", Group: "service:other"}, {Instance: "i2", Group: "service:other"}}
	require.True(t, places(t, snapshot(boxes, other...), r), "two services may share an instance")
	mine := []Running{{Instance: "i1", Group: "service:web", Deployment: "old"},
		{Instance: "i2", Group: "service:web", Deployment: "old"}}
	require.False(t, places(t, snapshot(boxes, mine...), r),
		"N instances, N old tasks that want to run: the update cannot proceed")
	mine[1].DesiredStatus = ecs.DesiredStatusStopped
	require.EqualValues(t, "i2", mustPlace(t, snapshot(boxes, mine...), r), "until one of them is asked to stop")
	family := Request{Group: "family:batch", Constraints: r.Constraints}
	require.True(t, places(t, snapshot(boxes, mine...), family), "a standalone task's group is its family")

	ten := slices.Repeat([]ecs.PlacementConstraint{memberOf("attribute:stack == prod")}, 9)
	r.Constraints = append(ten, distinct())
	require.EqualValues(t, "i1", mustPlace(t, snapshot(boxes), r), "ten are allowed, and all hold")
	r.Constraints[3] = memberOf("attribute:stack !exists")
	require.False(t, places(t, snapshot(boxes), r), "neither list overrides the other")

	first := Request{Group: "service:databases",
		Constraints: []ecs.PlacementConstraint{memberOf("task:group == service:databases")}}
	require.False(t, places(t, snapshot(boxes), first),
		"facts 3.4: the first task of a group has nothing to be near to")
}

// facts 2.6: the group of a standalone task, and that a name has 255 characters at most.
func TestTaskGroups(t *testing.T) {
	d := ecs.TaskDefinition{Family: "batch", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "c", Memory: 1}}}
	for _, row := range []struct{ given, group string }{{"", "family:batch"}, {"nightly", "nightly"},
		{"service:web", "service:web"}, {strings.Repeat("g", 255), strings.Repeat("g", 255)}} {
		r, err := NewRequest(d, row.given)
		require.NoError(t, err)
		require.Equal(t, row.group, r.Group)
	}
	_, err := NewRequest(d, strings.Repeat("g", 256))
	requireFault(t, err, ecs.InvalidParameterException, "group", "256")
}

// facts 1.5 and 2.7: an awsvpc task wants an instance in a zone of its subnets.
func TestZonesOfSubnets(t *testing.T) {
	s := snapshot([]box{{id: "i1", zone: "a", cpu: 9}, {id: "i2", zone: "b", cpu: 9}, {id: "i3", cpu: 9}})
	r := Request{Group: "service:s", Zones: []string{"b", "c"}}
	require.EqualValues(t, "i2", mustPlace(t, s, r))
	r.Zones = []string{"c"}
	_, err := Place(s, r)
	require.EqualError(t, err, "LOCATION on 3 instances")
}

// The traps of facts 11 that TestTraps leaves.
func TestMoreTraps(t *testing.T) {
	two := []box{{id: "i1", cpu: 1000, mem: 1000}, {id: "i2", cpu: 1000, mem: 1000}}
	t.Run("2 binpack out is binpack in turned round", func(t *testing.T) {
		running := []Running{
			{ID: "a", Instance: "i1", Group: "service:s", Resources: ecs.Resources{Memory: 100}},
			{ID: "b", Instance: "i2", Group: "service:s", Resources: ecs.Resources{Memory: 600}},
		}
		s := snapshot(two, running...)
		r := Request{Group: "service:s", Need: ecs.Resources{Memory: 100},
			Strategy: []ecs.PlacementStrategy{binpack("memory")}}
		require.EqualValues(t, "i2", mustPlace(t, s, r), "in: where the least is left")
		// out: both would have 1,000 left; with one more task on i2 it would have less
		running = append(running, Running{ID: "c", Instance: "i2", Group: "service:x",
			Resources: ecs.Resources{Memory: 50}})
		require.Equal(t, []ecs.TaskID{"a"}, Victims(snapshot(two, running...), r, running[:2], 1),
			"out: where the most would be left")
	})
	t.Run("4 a static port is once an instance, dynamic ones ask for none", func(t *testing.T) {
		port := func(host int) Request {
			r, err := NewRequest(ecs.TaskDefinition{Family: "f", NetworkMode: ecs.NetworkModeBridge,
				ContainerDefinitions: []ecs.ContainerDefinition{{Name: "c", Memory: 10,
					PortMappings: []ecs.PortMapping{{ContainerPort: 80, HostPort: ecs.Some(host)}}}}}, "service:s")
			require.NoError(t, err)
			return r
		}
		for host, copies := range map[int]int{0: 7, 8080: 2} { //order:any each by itself
			x := NewIndex(snapshot(two))
			sh, err := x.Prepare(port(host))
			require.NoError(t, err)
			require.Len(t, x.PlaceN(nil, sh, 7, 0), copies)
		}
	})
	t.Run("6 != and not(==)", func(t *testing.T) {
		with := []box{{id: "i1", attributes: []ecs.Attribute{{Name: "stack", Value: "prod"}}},
			{id: "i2", attributes: []ecs.Attribute{{Name: "stack", Value: "test"}}}, {id: "i3"}}
		for expression, takers := range map[string]string{"attribute:stack != prod": "i2",
			"not(attribute:stack == prod)": "i2 i3"} { //order:any each by itself
			var got []string
			for v := range Explain(snapshot(with),
				Request{Group: "g", Constraints: []ecs.PlacementConstraint{memberOf(expression)}}).Verdicts() {
				if len(v.Reasons) == 0 {
					got = append(got, string(v.Instance))
				}
			}
			require.Equal(t, takers, strings.Join(got, " "), expression)
		}
	})
	t.Run("30 random needs a seed, and has one", func(t *testing.T) {
		many := make([]box, 50)
		for i := range many {
			many[i] = box{id: "i" + thousands(int64(100+i)), cpu: 9, mem: 9}
		}
		seen := map[ecs.InstanceID]bool{}
		for seed := range uint64(100) {
			r := Request{Group: "family:f", Strategy: []ecs.PlacementStrategy{randomly()}, Seed: seed}
			to := mustPlace(t, snapshot(many), r)
			require.Equal(t, to, mustPlace(t, snapshot(many), r))
			seen[to] = true
		}
		require.Greater(t, len(seen), 25)
	})
}
