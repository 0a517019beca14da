#!/bin/bash
# Breaks the runtime loop once for each of its laws: every planted fault must be found.
set -eu -o pipefail
. .ci/faults/plant
loop() { plant ecs/driver "$@"; }
loop TestNextBatchRunsWhileOneIsKept course.go 's/^\t\tif m.done != nil {$/\t\tif m.done != nil \&\& len(c.plane.Ready().Records) == 0 {\n\t\t\treply([]input{*m}, nil)\n\t\t} else if m.done != nil {/'
loop TestNextBatchRunsWhileOneIsKept course.go 's/c.batch = c.take(c.batch[:0])$/c.batch = c.taken()/;$a func (c *course) taken() []input { if c.flight != nil { return nil }; return c.take(nil) }'
loop TestFailedAppendAnswersBoth course.go 's/^\treply(c.told, cause)$//'
loop TestEndKeepsWhatWasAccepted course.go 's/^\t\tif c.depart(); c.flight == nil {$/\t\tif c.flight == nil {/'
loop TestDurableBeforeAnythingElse course.go 's/^\treply(f.calls, nil)$//;s/^\tc.flight, c.told = f, nil$/&\n\treply(f.calls, nil)/'
loop TestDurableBeforeAnythingElse course.go 's/^\tc.flight, c.told = f, nil$/&\n\tfor _, command := range f.commands {\n\t\tc.dispatcher.dispatch(c.ctx, command)\n\t}/'
loop TestLaws/C3 course.go 's/^\t\tf.commands, c.begun = .*$/\t\tc.begun = slices.Contains([]bool{true}, true)/'
loop TestOneTargetInOrder dispatch.go 's/ \&\& !l.busy {$/ {/'
loop TestHangingCallBlocksNobodyElse deadline.go 's/^\td.fill(ctx)$//'
loop TestHangingCallBlocksNobodyElse deadline.go 's/^\t\td.calls--$//'
loop TestTimeoutEndsTheContext deadline.go 's/^\t\t\tk.end()$//'
loop TestGoexit dispatch.go 's/^\t\tif !returned {$/\t\tif false {/'
kept() { plant ecs/driver/journal "$@"; }
kept TestAppendDuringSnapshot journal.go 's/^\t\tj.next.tail = j.end$/\t\tj.next.tail = j.end + int64(len(frame))/'
kept TestAppendDuringSnapshot snapshot.go 's/^\t\tif err := w.copy(j.file, done, j.end); err != nil {$/\t\tif err := w.copy(j.file, done, done); err != nil {/'
kept TestSnapshotEndsWithAnError snapshot.go 's/errors.Join(err, removed(path+temporary))$/err/'
kept TestSnapshotComesTooLate snapshot.go 's/^\tcase s.Sequence < j.last:$/\tcase false:/'
kept TestDueByWeight journal.go 's/ \&\& since >= uint64(j.weight).4$//'
kept TestTornAnywhere read.go 's/^\t\t\tf.at += int64(frameHeader + len(content))$/\t\t\tf.at += int64(frameHeader+len(content)) - 1/'
kept TestDamageAnywhere read.go 's/f.torn = !f.frameAfter(f.at) \&\&/f.torn = f.at > 0 \&\&/'
frame() { plant ecs/control/internal/frames "$@"; }
frame TestRoundTrip numbers.go 's/^\tr.instant += r.int()$/\tr.instant = r.int()/'
frame TestRoundTrip shape.go 's/^\t\t\tif n == 0 || r.err != nil {$/\t\t\tif r.err != nil {/'
frame TestRefused shape.go 's/ || !known\[n\] {$/ {/'
CHECKS=30 plant ecs/control TestSnapshotOfTheMomentItBegan snapshot.go 's/^\t\t\treturn list.early(from), 1$//'
CHECKS=30 plant ecs/control TestSnapshotOfTheMomentItBegan snapshot.go 's/^\t\t\tif list.held(from + i) {$/\t\t\tif false {/'
CHECKS=30 plant ecs/control TestSnapshotIsTheState snapshot.go 's/p.outbox.Pending(), p.beginCommands/p.outbox.Pending()[:0], p.beginCommands/'
changed() { TESTED=ecs/control CHECKS=100 plant "ecs/control/internal/$1" TestChangedWasHeld "$2" "$3"; }
changed services follow.go '/) Say(/,/^}/s/^\ts.Hold()$//'
changed services room.go '/) Next(/,/^}/s/^\ts.Hold()$//'
changed services update.go 's/^\ts.Hold()$//'
changed rollout task_set.go '/) changeRollout(/,/^}/s/^\ts.Hold()$//'
changed outbox outbox.go '/) send(/,/^}/s/^\to.Hold(p)$//'
held() { TESTED=ecs/control CHECKS=400 plant "ecs/control/internal/$1" TestSnapshotOfTheMomentItBegan "$2" "$3"; }
held tasks machine.go '/) Step(/,/^}/s/^\tm.Hold(t)$//'
held tasks rare.go '/) Own(/,/^}/s/^\tm.Hold(t)$//'
held dispatch agent_life.go 's/^\tm.Tasks.Hold(t)$//'
held capacity launch.go 's/^\ti.Hold()$//'
held fleet seat.go '/) Release(/,/^}/s/^\ti.Hold()$//'
held fleet instance.go 's/^\ti.Hold()$//'
TESTED=ecs/control plant ecs/control/internal/tasks TestSnapshotBeforeOrphans kept.go 's/^\t\tt.Likeness = like$/\t\t_ = like/'
was() { plant ecs/control/internal/tasks TestWas "$@"; }
was machine.go '/) Begin(/,/^}/s/^\tm.Hold(t)$//'
was machine.go '/) Step(/,/^}/s/^\tm.Hold(t)$//'
was rare.go '/) NewStart(/,/^}/s/^\tm.Hold(t)$//'
was rare.go '/) NewStop(/,/^}/s/^\tm.Hold(t)$//'
was rare.go '/) Tell(/,/^}/s/^\tm.Hold(t)$//'
was rare.go '/) Own(/,/^}/s/^\tm.Hold(t)$//'
was kept.go 's/details := slices.Clone(\*t.details)/details := *t.details; _ = slices.Clone(details)/'
