#!/bin/bash
# Breaks the runtime loop once for each of its laws: every planted fault must be found.
set -eu -o pipefail
. .ci/faults/plant

loop() { plant ecs/driver "$@"; }

loop TestNextBatchRunsWhileOneIsKept course.go 's/^\t\tif m.done != nil {$/\t\tif m.done != nil \&\& len(c.plane.Ready().Records) == 0 {\n\t\t\treply([]input{*m}, nil)\n\t\t} else if m.done != nil {/'
loop TestNextBatchRunsWhileOneIsKept course.go 's/batch := c.take(); due/batch := c.taken(); due/;$a func (c *course) taken() []input { if c.flight != nil { return nil }; return c.take() }'
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
