#!/bin/bash
# Makes what takes linear or constant time take more: every planted fault must be found.
#
# The cover tool, which counts the steps, does not know overlays: faults are planted in a copy.
set -eu -o pipefail

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z go.mod go.sum ecs internal autoscale lifecycle loadbalance placement | xargs -0 tar -c | tar -x -C "$copy"

# slow FILE SED: TestLinear must fail when the file is changed so.
slow() { planted TestLinear 'times the length' "$@"; }

# shared FILE SED: TestLaunchesShareTheirOrder must fail when the file is changed so.
shared() { planted TestLaunchesShareTheirOrder 'steps of one task and of nine' "$@"; }

# whole FILE SED: TestPlane must fail when the file is changed so.
whole() { planted TestPlane 'steps with few tasks and with many' "$@"; }

planted() {
  local law=$1 says=$2
  shift 2
  sed "$2" "$1" >"$copy/$1"
  if cmp -s "$1" "$copy/$1"; then
    echo "the fault is not in $1 any more: $2" >&2
    exit 1
  fi
  if [ -n "${DRY-}" ]; then return; fi
  go -C "$copy" build ./ecs ./ecs/query ./ecs/iam ./ecs/control
  if go -C "$copy" test ./internal/steps -run "$law" >"$copy/out" 2>&1 || ! grep -q "$says" "$copy/out"; then
    echo "$law: a planted fault went unseen: $1: $2" >&2
    exit 1
  fi
  echo "$law: seen: $1: $2: $(grep -m1 'Messages:' "$copy/out")"
  cp "$1" "$copy/$1"
}

slow ecs/internal/codec/decoder.go 's/len(keys) == few {/len(keys) == 1<<30 {/'
slow ecs/validate_volumes.go 's/^\tfor j, m := range c.MountPoints {$/&\n\t\tfor range c.MountPoints {\n\t\t\tj += 0\n\t\t}/'
slow ecs/query/parse.go 's/^\tat := p.skipBlanks()$/&\n\tfor range p.src {\n\t\tat += 0\n\t}/'
slow ecs/iam/pattern.go 's/^\tif p.least() > len(s) {$/\tfor range s {\n\t\tfor at := range s {\n\t\t\tat += 0\n\t\t}\n\t}\n&/'
slow ecs/iam/parse.go 's/^\t\tbyKey\[m.key\] = m.value$/&\n\t\tfor range data {\n\t\t\tpath += ""\n\t\t}/'
slow ecs/scheduler/census.go 's/^\tc.calm(.*$/&\n\tfor i := range c.entries {\n\t\tc.entries[i].seq += 0\n\t}/'
shared ecs/control/internal/capacity/launch.go 's/^\t\tp.shapes = append(p.shapes, .*$//'
shared ecs/control/internal/rollout/start.go 's/^\t\tt, failed := m.Capacity.Launch(p, provider)$/\t\tif _, err := m.RequestFor(s, start.Deployment); err != nil {\n\t\t\treturn\n\t\t}\n&/'
whole ecs/control/internal/census/plan.go 's/^\tm.count(b, v.Instances)$/&\n\tfor t := range b.Tasks() {\n\t\tt.Entry += 0\n\t}/'
whole ecs/control/internal/tasks/task.go 's/^\tm.enter(t)$/&\n\tfor range m.ByTask {\n\t\tt.Life += 0\n\t}/'
