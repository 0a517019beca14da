#!/bin/bash
# Breaks the control plane once for each of its laws: every planted fault must be found.
set -eu -o pipefail
. .ci/faults/plant
CHECKS=${CHECKS:-100}

law() { plant ecs/control "$@"; }

law TestLaws/C1 books.go 's/^\tt.cluster.index.ReleaseStopped(t.prepared(), t.placed)$//'
law TestLaws/C1 books.go 's/^\ti.cluster.index.TakePorts(i.id(), t.dynamicPorts())$//'
law TestLaws/C2 outstanding.go 's/return cmp.Compare(a.Sequence, b.Sequence)/return 0 * cmp.Compare(a.Sequence, b.Sequence)/'
law TestLaws/C3_crash ready.go 's/if !o.Backoff \&\& !yield(o.Command.Command)/if false \&\& !yield(o.Command.Command)/'
law TestLaws/C3_restore state.go 's/^\t\t\tc.unplaced = append(c.unplaced, s)$/\t\t\t_ = s/'
law TestLaws/C4 outstanding.go 's/^\tp.abandon(c.Key().Op, c.Key().Target)$//'
law TestLaws/C5 report.go 's/e.Sequence <= t.Sequence || t.Machine/t.Machine/'
law TestLaws/C6 machine.go 's/^\t\t\tp.closeCommand(k) .*$/\t\t\t_ = k/'
law TestLaws/C7 report.go 's/^\t\tif p.healUnknown(t, e) {$/\t\tif false {/'
law TestLaws/C8 reconcile.go 's/^\t\ts.Wake = ecs.At(plan.WakeAt)$//'
law TestRefusedChangesNothing plane.go 's/^\t\tp.state = before$/\t\t_ = before/'
law TestExplore observe.go 's/^\t\tp.send(p.outstanding.byKey\[t.ref\])$//'
law TestNamesUsedAgain cluster.go 's/^\t\tdelete(p.byTask, t.ID)$/\t\t_ = t/'
law TestTasksKeepTheirTargets task.go 's/len(t.Targets), t.Registry != nil, t.AwaitsRoom/1, t.Registry != nil, t.AwaitsRoom/'
law TestSoak cluster.go 's/^\tp.scheduleProviders()$//'
law 'TestLaunchRates$' launch_rate.go 's/^\t\tp.fargate = rates.Fargate.Take(p.fargate, p.now(), 1)$//'
law 'TestLaunchRates$' state.go 's/^\tp.fargate = d.Fargate$//'
plant ecs/scheduler TestLaunchesAreSpaced daemon.go 's/^\tif free = r.permitted(free); free == 0 {$/\tif false {/'
plant ecs/scheduler TestLaunchesAreSpaced launch_rate.go 's/^\t\tr.wake(l.Next)$//'
plant ecs/scheduler 'TestLaunchRate$' launch_rate.go 's/Since: b.Since.Add(time.Duration(lumps) \* l.Every)/Since: now/'
law TestLostInstanceTakesNoTask instance.go '/^\ti.Record.AgentConnected = false$/,/^\tp.instanceChanged/s/^\tp.reindex(i)$/\tdefer p.reindex(i)/'
law TestInactiveInstanceRegistersAnew instance.go '/^func (p \*Plane) registerAgain/,/^}/s/i.Record.Status == ecs.ContainerInstanceStatusInactive/false/'
law TestRefusedTargetLeavesNone machine.go 's/^\t\tif !overtaken(t, e) {$/\t\tif true {/'
law TestReportedPorts report.go 's/^\tt.cluster.index.FreePorts(t.Instance, t.dynamicPorts())$//'
law TestDeletedBeforeMissing machine.go 's/p.now().Add(shownFor + deletedFor)/p.now().Add(shownFor)/'
law TestAdvanceIsTotal ready.go 's/^\tif until <= \*before {$/\tif until < 0 {/'
law TestDeletedIsInactive service.go 's/^\tif s, ok := c.byService\[nameOf(ref)\]; ok {$/\tif s, ok := c.byService[nameOf(ref)]; ok \&\& s.Record.Status != ecs.ServiceStatusInactive {/'
law TestFiveDeployments service.go 's/^const maxDeployments = 5$/const maxDeployments = 6/'
law TestProtectionBlocksDeployment protection.go 's/return waits \&\& protected/return false \&\& waits \&\& protected/'
law TestTaskSets task_set.go 's/scale = \&ecs.Scale{Unit: "PERCENT"}/scale = \&ecs.Scale{Value: 100, Unit: "PERCENT"}/'
law TestCapacityProviderOfAGroup capacity.go 's/if p.usesGroup(in.*{$/if false {/'
