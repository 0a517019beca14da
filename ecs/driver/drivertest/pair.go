package drivertest

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

// pair is an interface that adds and removes.
type pair struct {
	add, remove func(ctx context.Context, id string, epoch uint64) error
	has         func() []string
	restart     func() pair // nil: it is not known how
}

func (p *probe) holds(v pair, want ...string) {
	got := slices.Clone(v.has())
	slices.Sort(got)
	if !slices.Equal(got, want) {
		p.errorf("got [%s], want [%s]", strings.Join(got, " "), strings.Join(want, " "))
	}
}

func pairChecks() []check[pair] {
	ctx := context.Background()
	return []check[pair]{
		{"add", func(p *probe, v pair) {
			p.works(v.add(ctx, "a", 1), "adding")
			p.works(v.add(ctx, "b", 2), "adding another")
			p.holds(v, "a", "b")
		}},
		{"add twice", func(p *probe, v pair) {
			p.works(v.add(ctx, "a", 1), "adding")
			p.works(v.add(ctx, "a", 1), "adding again")
			p.holds(v, "a")
		}},
		{"remove", func(p *probe, v pair) {
			p.works(v.add(ctx, "a", 1), "adding")
			p.works(v.add(ctx, "b", 2), "adding another")
			p.works(v.remove(ctx, "a", 3), "removing")
			p.holds(v, "b")
		}},
		{"remove twice", func(p *probe, v pair) {
			p.works(v.add(ctx, "a", 1), "adding")
			p.works(v.remove(ctx, "a", 2), "removing")
			p.works(v.remove(ctx, "a", 2), "removing again")
			p.works(v.remove(ctx, "a", 3), "removing what is not there any more")
		}},
		{"remove what is unknown", func(p *probe, v pair) {
			p.works(v.remove(ctx, "a", 1), "removing what is unknown")
		}},
		{"remove before add", func(p *probe, v pair) {
			p.works(v.remove(ctx, "a", 2), "removing what is unknown")
			_ = v.add(ctx, "a", 1) // late; it may say so
			p.settle()
			p.holds(v)
		}},
		{"add again late", func(p *probe, v pair) {
			p.works(v.add(ctx, "a", 1), "adding")
			p.works(v.remove(ctx, "a", 2), "removing")
			_ = v.add(ctx, "a", 1)
			p.settle()
			p.holds(v)
		}},
		{"remove late", func(p *probe, v pair) {
			p.works(v.add(ctx, "a", 1), "adding")
			p.works(v.remove(ctx, "a", 2), "removing")
			p.works(v.add(ctx, "a", 3), "adding for a new reason")
			_ = v.remove(ctx, "a", 2)
			p.holds(v, "a")
		}},
		{"cancelled", func(p *probe, v pair) {
			_ = v.add(cancelled(), "a", 1)
			p.works(v.add(ctx, "a", 1), "adding after it was cancelled")
			p.holds(v, "a")
			_ = v.remove(cancelled(), "a", 2)
			p.works(v.remove(ctx, "a", 2), "removing after it was cancelled")
			p.holds(v)
		}},
		{"restart", func(p *probe, v pair) {
			if v.restart == nil {
				return
			}
			p.works(v.add(ctx, "a", 1), "adding")
			p.works(v.add(ctx, "b", 2), "adding another")
			p.works(v.remove(ctx, "a", 3), "removing")
			v = v.restart()
			p.holds(v, "b")
			_ = v.add(ctx, "a", 1) // late; it may say so
			p.settle()
			p.holds(v, "b")
			p.works(v.remove(ctx, "b", 4), "removing after a restart")
			p.holds(v)
		}},
		{"side by side", func(p *probe, v pair) {
			sides(8, func(id string) { p.works(v.add(ctx, id, 1), "adding") })
			if n := len(v.has()); n != 8 {
				p.errorf("8 were added at the same time, and %d are there", n)
			}
			sides(8, func(id string) { p.works(v.remove(ctx, id, 2), "removing") })
			p.holds(v)
		}},
	}
}

func key(op, target string, epoch uint64) message.Key {
	return message.Key{Op: op, Target: target, Epoch: epoch}
}

// on makes checks of a part into checks of the whole.
func on[T, U any](checks []check[U], part func(T) U) (all []check[T]) {
	for _, c := range checks {
		all = append(all, check[T]{c.name, func(p *probe, v T) { c.run(p, part(v)) }})
	}
	return all
}

// NetworkInterfaces is the driver.NetworkInterfaces under test, with a function that shows what it has
// done.
type NetworkInterfaces struct {
	driver.NetworkInterfaces
	Attached func() []ecs.TaskID // the tasks that have an interface, in any order
	// Restart ends the implementation as a crash does, and returns the next one; nil: left out.
	Restart func() NetworkInterfaces
}

// TestNetworkInterfaces checks a driver.NetworkInterfaces, which attaches network interfaces to tasks.
func TestNetworkInterfaces(t *testing.T, fresh func(t *testing.T) NetworkInterfaces) {
	suite(t, interfaceChecks(), func(t *testing.T, _ *probe) NetworkInterfaces { return fresh(t) })
}

func (n NetworkInterfaces) attach(ctx context.Context, id string, epoch uint64) (string, error) {
	return n.AttachNetworkInterface(ctx, message.AttachNetworkInterface{ID: key("AttachNetworkInterface", id, epoch),
		Cluster: "default", Task: ecs.TaskID(id), Subnets: []string{"subnet-0"}})
}

func (n NetworkInterfaces) pair() pair {
	return pair{
		restart: again(n.Restart, NetworkInterfaces.pair),
		add: func(ctx context.Context, id string, epoch uint64) error {
			_, err := n.attach(ctx, id, epoch)
			return err
		},
		remove: func(ctx context.Context, id string, epoch uint64) error {
			return n.DetachNetworkInterface(ctx, message.DetachNetworkInterface{ID: key("DetachNetworkInterface", id,
				epoch), Cluster: "default", Task: ecs.TaskID(id)})
		},
		has: func() (all []string) {
			for _, id := range n.Attached() {
				all = append(all, string(id))
			}
			return all
		},
	}
}

func interfaceChecks() []check[NetworkInterfaces] {
	return append(on(pairChecks(), NetworkInterfaces.pair), check[NetworkInterfaces]{"addresses",
		func(p *probe, n NetworkInterfaces) {
			seen := map[string]bool{}
			for i, id := range []string{"a", "b", "a"} {
				address, err := n.attach(context.Background(), id, uint64(1+i%2))
				if a, parse := netip.ParseAddr(address); err != nil || parse != nil || !a.Is4() {
					p.errorf("the address of %s is %q, error %v", id, address, err)
				}
				seen[address] = true
			}
			if len(seen) != 2 {
				p.errorf("two tasks, one of them twice, have %d addresses", len(seen))
			}
		}})
}

// Volumes is the driver.Volumes under test, with a function that shows what it has done.
type Volumes struct {
	driver.Volumes
	Attached func() []ecs.TaskID // the tasks that have a volume attached, in any order
	// Restart ends the implementation as a crash does, and returns the next one; nil: left out.
	Restart func() Volumes
}

// TestVolumes checks a driver.Volumes, which attaches volumes to tasks.
func TestVolumes(t *testing.T, fresh func(t *testing.T) Volumes) {
	suite(t, volumeChecks(), func(t *testing.T, _ *probe) Volumes { return fresh(t) })
}

func (v Volumes) attach(ctx context.Context, id string, epoch uint64) (string, error) {
	return v.AttachVolume(ctx, message.AttachVolume{ID: key("AttachVolume", id, epoch), Cluster: "default",
		Task: ecs.TaskID(id), AvailabilityZone: "us-east-1a",
		Configuration: ecs.TaskVolumeConfiguration{Name: "data",
			ManagedEBSVolume: &ecs.TaskManagedEBSVolumeConfiguration{
				ServiceManagedEBSVolumeConfiguration: ecs.ServiceManagedEBSVolumeConfiguration{SizeInGiB: ecs.Some(1),
					RoleArn: "arn:aws:iam::123456789012:role/ecsInfrastructureRole"}}}})
}

func (v Volumes) pair() pair {
	return pair{
		restart: again(v.Restart, Volumes.pair),
		add: func(ctx context.Context, id string, epoch uint64) error {
			_, err := v.attach(ctx, id, epoch)
			return err
		},
		remove: func(ctx context.Context, id string, epoch uint64) error {
			return v.DetachVolume(ctx, message.DetachVolume{ID: key("DetachVolume", id, epoch), Cluster: "default",
				Task: ecs.TaskID(id), DeleteOnTermination: true})
		},
		has: func() (all []string) {
			for _, id := range v.Attached() {
				all = append(all, string(id))
			}
			return all
		},
	}
}

func volumeChecks() []check[Volumes] {
	return append(on(pairChecks(), Volumes.pair), check[Volumes]{"volume IDs", func(p *probe, v Volumes) {
		seen := map[string]bool{}
		for i, id := range []string{"a", "b", "a"} {
			volume, err := v.attach(context.Background(), id, uint64(1+i%2))
			if volume == "" || err != nil {
				p.errorf("the volume of %s is %q, error %v", id, volume, err)
			}
			seen[volume] = true
		}
		if len(seen) != 2 {
			p.errorf("two tasks, one of them twice, have %d volumes", len(seen))
		}
	}})
}

// Targets is the driver.Targets under test, with a function that shows what it has done.
type Targets struct {
	driver.Targets
	// "TARGET:PORT" of what gets traffic or is checked for it, in any order
	Registered func(targetGroupArn string) []string
	// Restart ends the implementation as a crash does, and returns the next one; nil: left out.
	Restart func() Targets
	Wait    time.Duration // how long the first health check or a drain may take; zero: 10 seconds
}

// TestTargets checks a driver.Targets, which registers targets and reports their health by notify.
func TestTargets(t *testing.T, fresh func(t *testing.T, notify func(message.Event)) Targets) {
	suite(t, targetChecks(), func(t *testing.T, p *probe) Targets {
		v := fresh(t, p.notify)
		if v.Wait > 0 {
			p.wait = v.Wait
		}
		return v
	})
}

const targetGroup = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/drivertest/0123456789abcdef"

func (v Targets) pair() pair {
	target := func(id string) string { return targetGroup + " " + id + ":8080" }
	group := loadbalance.TargetGroup{TargetGroupArn: targetGroup, TargetType: loadbalance.TargetTypeIP}.Normalize()
	return pair{
		restart: again(v.Restart, Targets.pair),
		add: func(ctx context.Context, id string, epoch uint64) error {
			return v.RegisterTarget(ctx, message.RegisterTarget{ID: key("RegisterTarget", target(id), epoch),
				TargetGroupArn: targetGroup, Target: id, Port: 8080, Task: one, TargetGroup: group})
		},
		remove: func(ctx context.Context, id string, epoch uint64) error {
			return v.DeregisterTarget(ctx, message.DeregisterTarget{ID: key("DeregisterTarget", target(id), epoch),
				TargetGroupArn: targetGroup, Target: id, Port: 8080, Task: one, TargetGroup: group})
		},
		has: func() (all []string) {
			for _, t := range v.Registered(targetGroup) {
				all = append(all, strings.TrimSuffix(t, ":8080"))
			}
			return all
		},
	}
}

func targetChecks() []check[Targets] {
	return append(on(pairChecks(), Targets.pair), check[Targets]{"health", func(p *probe, v Targets) {
		said := func(states ...loadbalance.State) func() bool {
			return func() bool {
				for _, ev := range p.told() {
					if h, ok := ev.(message.TargetHealth); ok && h.TargetGroupArn == targetGroup && h.Target == "a" &&
						h.Port == 8080 && slices.Contains(states, h.State) {
						return true
					}
				}
				return false
			}
		}
		p.works(v.pair().add(context.Background(), "a", 1), "RegisterTarget")
		p.eventually("TargetHealth of a registered target", said(loadbalance.StateInitial, loadbalance.StateHealthy,
			loadbalance.StateUnhealthy))
		p.works(v.pair().remove(context.Background(), "a", 2), "DeregisterTarget")
		p.eventually(`TargetHealth "unused" of a drained target`, said(loadbalance.StateUnused))
	}})
}

// Discovery is the driver.Discovery under test, with a function that shows what it has done.
type Discovery struct {
	driver.Discovery
	Registered func(registryArn string) []ecs.TaskID // in any order
	// Restart ends the implementation as a crash does, and returns the next one; nil: left out.
	Restart func() Discovery
}

// TestDiscovery checks a driver.Discovery, which keeps service registries.
func TestDiscovery(t *testing.T, fresh func(t *testing.T) Discovery) {
	suite(t, discoveryChecks(), func(t *testing.T, _ *probe) Discovery { return fresh(t) })
}

func discoveryChecks() []check[Discovery] { return on(pairChecks(), Discovery.pair) }

func (d Discovery) pair() pair {
	const registry = "arn:aws:servicediscovery:us-east-1:123456789012:service/srv-drivertest"
	return pair{
		restart: again(d.Restart, Discovery.pair),
		add: func(ctx context.Context, id string, epoch uint64) error {
			return d.RegisterInstance(ctx, message.RegisterInstance{ID: key("RegisterInstance", id, epoch),
				RegistryArn: registry, Task: ecs.TaskID(id), Address: "10.0.0.1", Port: 80})
		},
		remove: func(ctx context.Context, id string, epoch uint64) error {
			return d.DeregisterInstance(ctx, message.DeregisterInstance{ID: key("DeregisterInstance", id, epoch),
				RegistryArn: registry, Task: ecs.TaskID(id)})
		},
		has: func() (all []string) {
			for _, id := range d.Registered(registry) {
				all = append(all, fmt.Sprint(id))
			}
			return all
		},
	}
}

// again is a restart as that of a pair.
func again[T any](restart func() T, part func(T) pair) func() pair {
	if restart == nil {
		return nil
	}
	return func() pair { return part(restart()) }
}
