#!/bin/bash
# Breaks the rooms of the control plane, and the words that they share, once for each of their tests:
# every planted fault must be found.
set -eu -o pipefail
. .ci/faults/plant
CHECKS=${CHECKS:-100}

words() { plant ecs/message "$@"; }
floor() { plant ecs/control/internal/core "$@"; }
timers() { plant ecs/control/internal/deadlines "$@"; }
outbox() { plant ecs/control/internal/outbox "$@"; }
groups() { plant ecs/control/internal/targets "$@"; }
scaling() { plant ecs/control/internal/scaling "$@"; }

words TestKinds command.go 's/row\[Command, StopTask\]("StopTask")/row[Command, StartTask]("StopTask")/'
words TestEveryKindHasARow event.go '/row\[Event, AlarmState\]/d'
words TestRetry retry.go 's/if d >= r.Max\/2 {/if false {/'
words TestRetry retry.go 's/"%d\/%s\/%d", seed, k, attempt/"%d\/%s", seed, k/'

floor TestIDs core.go '/^func (c \*Core) HexID/,/^}/s/c.position.IDs++//'
floor TestNameBasedID core.go 's/"%d:%s", len(name), name/"%s", name/'
floor TestQueue queue.go 's/^\tif until <= q.taken {$/\tif until == q.taken {/'
floor TestQueue queue.go 's/^\tq.taken = until$//'
floor TestCut page.go 's/return key(list\[i\]) > string(last)/return key(list[i]) >= string(last)/'
floor TestCut page.go 's/^\t\t\tif descending {$/\t\t\tif false {/'

timers TestLaws deadlines.go 's/return ok \&\& at == next.at/return ok || at == next.at/'
timers TestLaws deadlines.go 's/^\t\treturn t.order < u.order$/\t\treturn t.order > u.order/'
timers TestMovedDeadlinesTakeNoRoom deadlines.go 's/^\t\tt.dropAllStale()$//'
timers TestMovedDeadlinesTakeNoRoom deadlines.go 's/if !seen\[next\] \&\& t.live(next) {/if t.live(next) {/'
timers TestServeEnds deadlines.go 's/for range maxServed + 4\*len(t.queue) {/for range 100000 {/'
timers TestCheck deadlines.go 's/if at != 0 \&\& !set\[/if false \&\& !set[/'

outbox TestLaws outbox.go '/^func (o \*Outbox) Issue/,/^}/s/o.Abandon(c.Key().Op, c.Key().Target)//'
outbox TestLaws outbox.go 's/^\t\tdelete(o.byTarget, at)$/\t\t_ = at/'
outbox TestLaws outbox.go 's/^\tp.Backoff = false$//'
outbox TestCheck outbox.go 's/^\t\tif !wanted(p.Command.Command) {$/\t\tif false {/'
outbox TestRestore outbox.go '/^func (o \*Outbox) Restore/,/^}/s/o.kind.Set(p.Wake, p.Command.Key().String())//'

groups TestComplete commands.go 's/return g.Normalize()/return g/'
groups TestComplete commands.go '/case message.DeregisterTarget:/,/return c/s/if c.TargetGroup.Name() == "" {/if true {/'
groups TestComplete commands.go 's/range c.Weights {/range c.Weights[:1] {/'
groups TestDrain books.go '/^func (b \*Books) Drain/,/^}/s/b.watch(g)//'
groups TestDrain books.go 's/^\t\tb.config.Drained(g.name, t)$/\t\t_ = t/'
groups TestPut groups.go 's/^\t\tif err := users(in); err != nil {$/\t\tif err := error(nil); err != nil {/'
groups TestPut groups.go 's/a != nil \&\& a.AlternateTargetGroupArn != "" {/a != nil \&\& false {/'
groups TestRestore books.go 's/^\t\tb.watch(b.add(book))$/\t\tb.add(book)/'

scaling TestRegister target.go 's/^\tr.scale(s, target.Bounds.*$//'
scaling TestRegister target.go 's/^\tif s.Target() == nil {$/\tif true {/'
scaling TestPolicies room.go 's/^\tif len(c.Policies) > 0 {$/\tif false {/'
scaling TestPolicies policy.go 's/^\tif i >= 0 {$/\tif i > 99 {/'
scaling TestActions room.go 's/^\t\ta.Due = r.next(a.Action)$//'
scaling TestActions room.go 's/^\t\tif a.Due != 0 \&\& (c.Wake == 0/\t\tif false \&\& (c.Wake == 0/'
scaling TestForecasts forecast.go 's/ || reflect.DeepEqual(policy.Forecast, e.Capacity) {/ || reflect.DeepEqual(e, nil) {/'
scaling TestForecasts forecast.go 's/= slices.Clone(e.Capacity.Datapoints)/= slices.Clip(e.Capacity.Datapoints)/'
scaling TestKeep metric.go 's/ || o.At == sample.At })/ })/'
scaling TestKeep metric.go 's/return o.At < oldest || o.At/return o.At/'
scaling TestPull metric.go 's/c.newest(m.Metric, now.Add(-kept))+1, now/now.Add(-kept)+1, now/'
scaling TestPull policy.go '/^func (r \*Room) DeleteScalingPolicy/,/^}/s/r.abandon()//'

# The other two places of a command, and the other one of an event.
plane() { plant ecs/control "$@"; }
loop() { plant ecs/driver "$@"; }
plane TestKinds commands.go '/command((\*Plane).wantsStop, /d'
plane TestKinds commands.go 's/^\tcommand((\*Plane).wantsStop, .*/&\n&/'
plane TestKinds observe.go '/event((\*Plane).alarmState)/d'
loop TestCommandsReachTheirMethods runtime.go 's/does(Listeners.ModifyTraffic)//'
scaling TestActionFails room.go '/^func (r \*Room) act/,/^}/s/^\t\tr.Core.Change(.*$/\t\t_ = message.Change{Kind: message.ChangeScaling, Cluster: s.ClusterName(), Service: s.Name(),/;/^func (r \*Room) act/,/^}/s/ScheduledActionName, err)})$/ScheduledActionName, err)}/'

fleet() { plant ecs/control/internal/fleet "$@"; }
fleet TestLaws seat.go '/^func (m \*Room) Release/,/^}/s/^\tindex.FreePorts(i.ID(), ports)$//'
fleet TestLaws seat.go 's/^\tindex.ReleaseStopped(prepared(t), s.Placed)$//'
fleet TestLaws seat.go '/^func (m \*Room) Release/,/^}/s/^\tm.Grew(i.Cluster)$//'
fleet TestLaws seat.go 's/^\ti.Cluster.Index.TakePorts(i.ID(), dynamicPorts(t))$//'
fleet TestLaws seat.go 's/^\t\ts.On.Cluster.Index.Stop(prepared(t), s.Placed)$/\t\t_ = prepared(t)/'
fleet TestLaws seat.go '/^func (m \*Room) Rebind/,/^}/s/^\ts.Bindings = bindings$//'
fleet TestLaws instance.go '/^func (m \*Room) SetInstanceStatus/,/^}/s/^\tm.reindex(i)$//'
fleet TestLaws instance.go '/^func (m \*Room) setConnected/,/^}/s/^\tm.reindex(i)$//'
fleet TestLaws zones.go 's/^\t\tdelete(c.Open, out)$/\t\tc.Open[out] = 0/'
fleet TestLaws zones.go 's/return !left \&\& out != (Pool{}) || c.Open\[in\] == 1/return c.Open[in] == 1 || left \&\& false/'
fleet TestLaws register.go 's/^\tm.moved(i)$//'
fleet TestDrainedPort seat.go 's/^\tindex.TakePorts(i.ID(), held)$/\t_ = held/'
fleet TestDrainedPort seat.go '/^func (m \*Room) FreeDrained/,/^}/s/^\t\ts.On.Cluster.Index.FreePorts(s.Instance, free)$//'
fleet TestLayouts books.go 's/^\t\tm.dropLayouts()$//'
fleet TestDeparture instance.go '/^func (m \*Room) lose/,/^}/s/^\tm.reindex(i)$/\tdefer m.reindex(i)/'
fleet TestDeparture instance.go 's/^\ti.Forget = m.Core.Now().Add(departedShown)$/\ti.Forget = m.Core.Now().Add(2 * departedShown)/'
fleet TestDeparture register.go 's/^\tif len(i.Tenants) > 0 \&\& !in.Force {$/\tif false {/'
fleet TestRegisterAgain register.go 's/^\tm.Returned(i)$//'
fleet TestRegisterAgain register.go 's/^\t\tif old.Cluster != c {$/\t\tif false {/'
fleet TestRegisterRefused register.go '/^func (m \*Room) registerAgain/,/^}/s/i.Record.Status == ecs.ContainerInstanceStatusInactive/false/'
fleet TestDefaultCluster cluster.go '/^func (m \*Room) ClusterOrDefault/,/^}/s/^\t\treturn m.newCluster(DefaultCluster), nil$/\t\tc := m.newCluster(DefaultCluster); m.addCluster(c); return c, nil/'
fleet TestReservedPorts register.go 's/a.Name == "ecs.os-type" \&\& a.Value == "windows"/false/'
fleet TestSetInstances register.go 's/^\t\tif s := i.Record.Status; s != .*{$/\t\tif s := i.Record.Status; false {/'
fleet TestGoneCluster cluster.go 's/^\t\t\tdelete(m.byEC2, i.Record.EC2InstanceID)$/\t\t\t_ = i/'
fleet TestMachineReturns instance.go 's/^\tif m.byEC2\[i.Record.EC2InstanceID\] == i {$/\tif true {/'
fleet TestAttributes attribute.go 's/n > maxCustomAttributes \&\& n >/n > 99 \&\& n >/'
fleet TestRestore state.go 's/^\t\t\tm.departs.Set(i.Forget, string(i.ID()))$//'
fleet TestRestore state.go 's/^\t\t\t\tc.Index.TakePorts(i.ID(), \[\]ecs.HostPort{held.HostPort})$/\t\t\t\t_ = held/'
fleet TestRestore state.go 's/^\t\t\ti.Tenants = append(i.Tenants, t)$//'
