#!/bin/bash
# Breaks the control plane once for each of its laws: every planted fault must be found.
set -eu -o pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# plant TEST FILE SED: the test must fail when FILE is changed so.
plant() {
  sed "$3" "ecs/control/$2" >"$work/$2"
  if cmp -s "ecs/control/$2" "$work/$2"; then
    echo "$1: the fault is not in $2 any more: $3" >&2
    exit 1
  fi
  printf '{"Replace":{"%s":"%s"}}' "$PWD/ecs/control/$2" "$work/$2" >"$work/overlay.json"
  go build -overlay="$work/overlay.json" ./ecs/control
  if go test -overlay="$work/overlay.json" ./ecs/control -run "$1" -rapid.nofailfile -rapid.shrinktime=1s >"$work/out" 2>&1; then
    echo "$1: a planted fault went unseen: $2: $3" >&2
    exit 1
  fi
  echo "$1: seen: $2: $3"
}

plant TestLaws/C1 books.go 's/^\tt.cluster.index.ReleaseStopped(t.shape, t.placed)$//'
plant TestLaws/C1 books.go 's/^\ti.cluster.index.TakePorts(i.id(), t.dynamicPorts())$//'
plant TestLaws/C2 outstanding.go 's/return cmp.Compare(a.Sequence, b.Sequence)/return 0 * cmp.Compare(a.Sequence, b.Sequence)/'
plant TestLaws/C3_crash ready.go 's/if !o.Backoff \&\& !yield(o.Command.Command)/if false \&\& !yield(o.Command.Command)/'
plant TestLaws/C3_restore state.go 's/^\t\t\tc.unplaced = append(c.unplaced, s)$/\t\t\t_ = s/'
plant TestLaws/C4 outstanding.go 's/^\tp.abandon(c.Key().Op, c.Key().Target)$//'
plant TestLaws/C5 report.go 's/e.Sequence <= t.Sequence || t.Machine/t.Machine/'
plant TestLaws/C6 machine.go 's/^\t\t\tp.closeCommand(k) .*$/\t\t\t_ = k/'
plant TestLaws/C7 report.go 's/^\t\tif p.healUnknown(t, e) {$/\t\tif false {/'
plant TestLaws/C8 reconcile.go 's/^\t\ts.Wake = ecs.At(plan.WakeAt)$//'
plant TestRefusedChangesNothing plane.go 's/^\t\tp.state = before$/\t\t_ = before/'
plant TestExplore observe.go 's/^\t\tp.send(p.outstanding.byKey\[t.ref\])$//'
