package loadbalance_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/script"
	"github.com/bayplan/bayplan/loadbalance"
	"github.com/bayplan/bayplan/placement"
	"github.com/stretchr/testify/require"
)

// story writes a timeline: the time since its start, who, and what came of it.
type story struct {
	t     *testing.T
	text  strings.Builder
	start time.Time
	now   time.Time
}

func newStory(t *testing.T, about ...string) *story {
	s := &story{t: t, start: time.Unix(1_700_000_000, 0).UTC()}
	s.now = s.start
	for _, line := range about {
		s.text.WriteString("# " + line + "\n")
	}
	return s
}

func (s *story) at(minutes, seconds int) {
	s.now = s.start.Add(time.Duration(minutes)*time.Minute + time.Duration(seconds)*time.Second)
}

func (s *story) line(who, format string, args ...any) {
	d := s.now.Sub(s.start)
	fmt.Fprintf(&s.text, "%02d:%02d  %-7s  %s\n", int(d.Minutes()), int(d.Seconds())%60, who,
		fmt.Sprintf(format, args...))
}

// why is an error as the story tells it.
func why(err error) string {
	if err == nil {
		return "done"
	}
	return "refused: " + err.Error()
}

func dynamicPort() ecs.TaskDefinition {
	return ecs.TaskDefinition{Family: "web", NetworkMode: ecs.NetworkModeBridge,
		ContainerDefinitions: []ecs.ContainerDefinition{
			{Name: "web", CPU: 100, Memory: 100, PortMappings: []ecs.PortMapping{{ContainerPort: 8080}}},
		}}
}

func staticPort(port int) ecs.TaskDefinition {
	d := dynamicPort()
	d.ContainerDefinitions[0].PortMappings[0].HostPort = ecs.Some(port)
	return d
}

// TestReusedPort tells the story of a host port that is still a target of one service when
// another could have it.
func TestReusedPort(t *testing.T) {
	s := newStory(t,
		"A task of shop crashes. Its host port is still a target of shop's target group, and the deregistration",
		"comes late. Until it has drained nobody gets the port, though the range of four runs out; then blog does,",
		"and a deregistration of shop's that comes once more does not touch blog's target.")
	layout, err := loadbalance.PortConfig{DynamicHostPortRange: loadbalance.Range{First: 32768, Last: 32771},
		ReservedPorts: ecs.Some([]uint16{22, 32770})}.Layout()
	require.NoError(t, err)
	ports := loadbalance.NewPorts(layout)
	of := func(string) *loadbalance.Ports { return &ports }
	shop, err := loadbalance.NewTargets(loadbalance.TargetGroup{TargetGroupArn: "shop",
		DeregistrationDelaySeconds: ecs.Some(120)})
	require.NoError(t, err)
	blog, err := loadbalance.NewTargets(loadbalance.TargetGroup{TargetGroupArn: "blog"})
	require.NoError(t, err)

	taken := map[ecs.TaskID]loadbalance.TargetDescription{}
	begin := func(task ecs.TaskID) {
		bindings, err := ports.Bindings(task, dynamicPort())
		if err != nil {
			s.line(string(task), "starts: %s", why(err))
			return
		}
		port, _ := loadbalance.TargetPort(ecs.NetworkModeBridge, bindings[0], 8080, ecs.TransportProtocolTcp)
		taken[task] = loadbalance.TargetDescription{ID: "i-1", Port: port}
		s.line(string(task), "starts with host port %d", port)
	}
	register := func(ts *loadbalance.Targets, task ecs.TaskID) {
		s.line(string(task), "RegisterTargets %s %s: %s", ts.Group().Name(), taken[task],
			why(ts.Register(task, taken[task], s.now, of)))
	}
	check := func(ts *loadbalance.Targets, task ecs.TaskID, a loadbalance.Answer) {
		target, _ := ts.Check(taken[task].ID, taken[task].Port, s.now, a)
		s.line(ts.Group().Name(), "%s is %s", taken[task],
			strings.TrimSuffix(fmt.Sprint(target.State, ": ", target.Health().Description), ": "))
	}
	holder := func(port uint16) {
		hp := ecs.HostPort{Port: port, Protocol: ecs.TransportProtocolTcp}
		h, held := ports.Holder(hp)
		switch {
		case !held:
			s.line("i-1", "port %d is free", port)
		case h.ByTask:
			s.line("i-1", "port %d is held by task %s and by %d of its targets", port, h.Task, h.Targets)
		default:
			s.line("i-1", "port %d is held by %d target of task %s, which has stopped", port, h.Targets, h.Task)
		}
	}
	traffic := func(ts *loadbalance.Targets) {
		weights := ts.Weights(nil, s.now)
		for i, target := range slices.Collect(ts.All()) {
			s.line(ts.Group().Name(), "traffic to %s of %s: %d of %d", target.TargetDescription, target.Task,
				weights[i], loadbalance.FullWeight)
		}
	}
	passed, failed := loadbalance.Answer{Code: 200}, loadbalance.Answer{Failure: loadbalance.ReasonFailedHealthChecks}

	begin("shop-1")
	register(shop, "shop-1")
	s.at(0, 1)
	check(shop, "shop-1", passed)
	s.at(1, 0)
	s.line("shop-1", "crashes; ports that become free: %v", ports.Release(nil, "shop-1"))
	holder(32768)
	begin("blog-1")
	register(blog, "blog-1")
	begin("blog-2")
	s.at(1, 1)
	begin("blog-3")
	check(blog, "blog-1", passed)
	traffic(shop)
	traffic(blog)
	s.at(1, 31)
	check(shop, "shop-1", failed)
	s.at(2, 1)
	check(shop, "shop-1", failed)
	s.at(2, 30)
	_, err = shop.Deregister("shop-1", taken["shop-1"], s.now)
	s.line("shop-1", "DeregisterTargets shop %s: %s", taken["shop-1"], why(err))
	traffic(shop)
	traffic(blog)
	s.at(4, 29)
	s.line("shop", "drained: %d", len(shop.Expire(nil, s.now, of)))
	begin("blog-3")
	s.at(4, 30)
	s.line("shop", "drained: %d", len(shop.Expire(nil, s.now, of)))
	holder(32768)
	begin("blog-3")
	register(blog, "blog-3")
	holder(32768)
	s.at(4, 31)
	check(blog, "blog-3", passed)
	_, err = blog.Deregister("shop-1", taken["shop-1"], s.now)
	s.line("shop-1", "DeregisterTargets blog %s, once more and too late: %s", taken["shop-1"], why(err))
	_, err = shop.Deregister("shop-1", taken["shop-1"], s.now)
	s.line("shop-1", "DeregisterTargets shop %s, once more and too late: %s", taken["shop-1"], why(err))
	traffic(blog)
	script.Golden(t, "testdata/reused_port.txt", s.text.String())
}

// member is an instance with its book of ports and its tasks.
type member struct {
	id    string
	ports loadbalance.Ports
}

// containerInstance is the instance as placement sees it: the ports in use are the book's.
func (m *member) containerInstance() ecs.ContainerInstance {
	var tcp []string
	for _, hp := range m.ports.InUse() {
		if hp.Protocol == ecs.TransportProtocolTcp {
			tcp = append(tcp, strconv.Itoa(int(hp.Port)))
		}
	}
	amounts := []ecs.Resource{
		{Name: ecs.ResourceCPU, Type: "INTEGER", IntegerValue: 4096},
		{Name: ecs.ResourceMemory, Type: "INTEGER", IntegerValue: 8192},
		{Name: ecs.ResourcePorts, Type: "STRINGSET", StringSetValue: tcp},
	}
	return ecs.ContainerInstance{
		ContainerInstanceArn: "arn:aws:ecs:eu-west-1:123456789012:container-instance/c/" + m.id,
		Status:               ecs.ContainerInstanceStatusActive, AgentConnected: true, RegisteredResources: amounts,
		RemainingResources: amounts,
		Attributes:         []ecs.Attribute{{Name: "ecs.availability-zone", Value: "eu-west-1a"}},
	}
}

// TestClassicStaticPort shows through placement what a Classic Load Balancer's static host port
// leaves of a service: one copy an instance.
func TestClassicStaticPort(t *testing.T) {
	s := newStory(t,
		"Behind a Classic Load Balancer a service needs a static host port: one copy an instance. A port whose target",
		"still drains takes no copy either. Behind a target group a dynamic port lets many copies share an instance.")
	members := []*member{{id: "i-1"}, {id: "i-2"}, {id: "i-3"}}
	of := func(id string) *loadbalance.Ports {
		for _, m := range members {
			if m.id == id {
				return &m.ports
			}
		}
		return nil
	}
	var running []placement.Running
	place := func(task ecs.TaskID, d ecs.TaskDefinition, service string) string {
		instances := func(yield func(ecs.ContainerInstance) bool) {
			for _, m := range members {
				if !yield(m.containerInstance()) {
					return
				}
			}
		}
		snapshot, err := placement.NewSnapshot(instances, slices.Values(running))
		require.NoError(t, err)
		r, err := placement.NewRequest(d, "service:"+service)
		require.NoError(t, err)
		where, err := placement.Place(snapshot, r)
		if err != nil {
			s.line(string(task), "not placed: %s", err)
			return ""
		}
		bindings, err := of(string(where.Instance)).Bindings(task, d)
		require.NoError(t, err, "the books agree")
		running = append(running, placement.Running{ID: task, Instance: where.Instance, Group: "service:" + service})
		s.line(string(task), "placed on %s with host port %d", where.Instance, bindings[0][0].HostPort)
		return string(where.Instance)
	}

	classic := loadbalance.TargetGroup{LoadBalancerName: "classic",
		LoadBalancerType: loadbalance.LoadBalancerTypeClassic, DeregistrationDelaySeconds: ecs.Some(60)}
	find := func(name string) (loadbalance.TargetGroup, bool) { return classic, name == "classic" }
	service := ecs.Service{LoadBalancers: []ecs.LoadBalancer{{LoadBalancerName: "classic",
		ContainerName: "web", ContainerPort: 8080}}}
	s.line("old", "CreateService with a dynamic port: %s", why(loadbalance.CheckService(service, dynamicPort(), find)))
	s.line("old", "CreateService with host port 80: %s", why(loadbalance.CheckService(service, staticPort(80), find)))
	targets, err := loadbalance.NewTargets(classic)
	require.NoError(t, err)
	for i := range 4 {
		task := ecs.TaskID(fmt.Sprintf("old-%d", i+1))
		if id := place(task, staticPort(80), "old"); id != "" {
			require.NoError(t, targets.Register(task, loadbalance.TargetDescription{ID: id, Port: 80}, s.now, of))
		}
	}
	s.at(1, 0)
	d := loadbalance.TargetDescription{ID: "i-2", Port: 80}
	_, err = targets.Deregister("old-2", d, s.now)
	require.NoError(t, err)
	s.line("old-2", "is stopped, %s drains; ports that become free: %v", d, of("i-2").Release(nil, "old-2"))
	running = slices.DeleteFunc(running, func(r placement.Running) bool { return r.ID == "old-2" })
	place("old-4", staticPort(80), "old")
	s.at(2, 0)
	s.line("classic", "drained: %d", len(targets.Expire(nil, s.now, of)))
	place("old-4", staticPort(80), "old")
	place("old-5", staticPort(80), "old")
	s.at(3, 0)
	for i := range 5 {
		place(ecs.TaskID(fmt.Sprintf("new-%d", i+1)), dynamicPort(), "new")
	}
	script.Golden(t, "testdata/classic_static_port.txt", s.text.String())
}
