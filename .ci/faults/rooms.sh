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
