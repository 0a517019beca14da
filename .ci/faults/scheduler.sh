#!/bin/bash
# Breaks the scheduler once for each of its laws: each must fail, and say why. With DRY=1 nothing is
# built: each fault must only still be one, in the code as it stands.
set -eu -o pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# plant LAW FILE SED MESSAGE: the law must fail when FILE is changed so, and say MESSAGE. A draw
# may meet another of the checks first; then it is drawn again. The census is left out, since it
# would see most faults before the law does; .ci/faults/census.sh has its own.
plant() {
  sed "$3" "ecs/scheduler/$2" >"$work/$2"
  if cmp -s "ecs/scheduler/$2" "$work/$2"; then
    echo "$1: the fault is not in $2 any more: $3" >&2
    exit 1
  fi
  [ -z "${DRY-}" ] || return 0
  printf '{"Replace":{"%s":"%s"}}' "$PWD/ecs/scheduler/$2" "$work/$2" >"$work/overlay.json"
  if ! go test -c -o "$work/test" -overlay="$work/overlay.json" ./ecs/scheduler; then
    echo "$1: the fault does not compile: $3" >&2
    exit 1
  fi
  for _ in 1 2 3 4 5 6 7 8; do
    if (cd ecs/scheduler && "$work/test" -test.run "TestLaws/$1" -census.none -rapid.checks="${CHECKS:-3000}" -rapid.nofailfile -rapid.shrinktime=1ms) >"$work/out" 2>&1; then
      echo "$1: not seen to fail with $3" >&2
      exit 1
    fi
    if grep -m1 "$4" "$work/out" | sed "s/^ */$1 fails: /" | cut -c1-150; then return; fi
  done
  echo "$1 fails for another reason:" >&2
  grep -v ' draw ' "$work/out" | head -40 >&2
  exit 1
}

plant S1 percent.go 's|whole.Down(desired, p.Maximum, 100)|whole.Up(desired, p.Maximum, 100)|' 'S1: '
plant S2 replica.go 's|min(n, t.freeHealthy, b.down)|min(n, t.freeHealthy)|' 'S2: '
plant S2 walk.go 's/(s.Back || s.Stage != ecs.LifecycleStageCleanUp)/(s.Back || s.Stage == ecs.LifecycleStageScaleUp)/' 'S2: .* of traffic'
plant S3 replica.go 's|r.giveWay(p, n)|_ = n|' 'not steady'
plant S4 rebalance.go 's|if r.now < r.state.Rebalancing.Not {|if false {|' 'does not come to rest\|comes {'
plant S4 events.go 's|r.now < until|r.now < r.now|' 'does not come to rest\|comes {'
plant S5 breaker.go 's|d.Failures >= Threshold|d.Failures > Threshold|' 'failures of'
plant S6 rollout.go 's|k != i \&\& d.RolloutState == ecs.DeploymentRolloutStateCompleted|k != i|' 'Messages:.*S6'
plant S7 reconcile.go 's|free := !protected(t, r.now)|free := true|' 'Messages:.*S7\|is not greater than or equal'
plant S8 daemon.go 's|!berths\[i\].taken \&\& !in.Draining|!in.Draining|' 'S8: \|comes {\|come to rest'
plant WakeAt reconcile.go 's/t < r.due/t > r.due/' 'woken at'
plant zones rebalance.go 's/zones\[to\].tasks > 1$/zones[to].tasks > 2/' 'is not less than or equal'
