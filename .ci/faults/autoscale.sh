#!/bin/bash
# Breaks package autoscale once or more for each of its laws and oracles: every planted fault must be found.
set -eu -o pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# plant TEST FILE SED: the test must fail when FILE is changed so.
plant() {
  sed "$3" "autoscale/$2" >"$work/$2"
  if cmp -s "autoscale/$2" "$work/$2"; then
    echo "$1: the fault is not in $2 any more: $3" >&2
    exit 1
  fi
  printf '{"Replace":{"%s":"%s"}}' "$PWD/autoscale/$2" "$work/$2" >"$work/overlay.json"
  go build -overlay="$work/overlay.json" ./autoscale
  if go test -overlay="$work/overlay.json" ./autoscale -run "$1" -rapid.nofailfile -rapid.shrinktime=1s -rapid.checks=1000 >"$work/out" 2>&1; then
    echo "$1: a planted fault went unseen: $2: $3" >&2
    exit 1
  fi
  echo "$1: seen: $2: $3"
}

plant TestLaws/A1 combine.go 's/^\tto := b.Clamp(d.New)$/\tto := d.New/'
plant TestLaws/A2 memory.go 's/^\t\tm.ScaledOut = now$/\t\tm.ScaledOut = m.Since/'
plant TestLaws/A2 memory.go 's/m.Scaled != 0 \&\& now < until/m.Scaled != 0 \&\& now > until/'
plant TestLaws/A2 memory.go 's/added, until = m.Added, end/until = end/'
plant TestLaws/A2 memory.go 's/^\t\tm.Added += added$/\t\tm.Added = added/'
plant TestLaws/A2 memory.go 's/^\t\treturn LimitActivityInProgress, 0$//'
plant TestLaws/A3 target_tracking.go 's/float64(running)\*metric)\/target/float64(running)*target)\/metric/'
plant TestLaws/A3 step_scaling.go 's/!exact \&\& step.ScalingAdjustment > 0:/!exact \&\& d.Want > c.Running:/'
plant TestLaws/A4 adjustment.go 's/metric < threshold+upper)/metric <= threshold+upper)/'
plant TestLaws/A4 adjustment.go 's/case lower > upper:/case false:/'
plant TestLaws/A4 adjustment.go 's/case !hasUpper || lower < upper:/case !hasUpper:/'
plant TestLaws/A5 target_tracking.go 's/periods, 0.9)/periods, 1)/'
plant TestLaws/A5 target_tracking.go 's/GreaterThanThreshold, p.TargetValue, 3, 1)/GreaterThanThreshold, p.TargetValue, 3, 0.95)/'
plant 'TestLaws/A6.*/ten_years_of_cron' cron.go 's/if d == 1 {/if d == 0 {/'
plant 'TestLaws/A6.*/ten_years_of_cron' cron.go 's/if d+7 > last {/if d+7 >= last {/'
plant 'TestLaws/A6.*/ten_years_of_cron' schedule.go 's/max(before, after), min(before, after)/min(before, after), max(before, after)/'
plant 'TestLaws/A6.*/ten_years_of_cron' cron.go 's/^\t\t\t\tminute = 0$//'
plant 'TestLaws/A6.*/random_cron' schedule.go 's/t, ok := instantOf/t, ok := instantOf/; s/; actual == offset {/; actual == offset || offset == min(before, after) {/'
plant 'TestLaws/A6.*/random_cron' cron.go 's/length += span/length += span - 1/'
plant 'TestLaws/A6.*/ten_years_of_rate' schedule.go 's|/s.every + 1$|/s.every|'
plant TestLaws/A7 combine.go 's/ds\[i\].Vote == VoteHold || //'
plant TestLaws/A7 combine.go 's/d.New > ds\[best\].New/d.New < ds[best].New/'
plant TestLaws/A7 combine.go 's/d.Vote == VoteFloor \&\& d.Want > in.New/d.Vote == VoteFloor/'
plant TestLaws/A7 combine.go 's/^\tcase c.Deploying:$/\tcase false:/'
plant TestLaws/decisions_say_why combine.go 's/d.Limit, d.Until = LimitMaxCapacity, 0/d.Limit = LimitMaxCapacity/'
plant TestLaws/memory_survives_json memory.go 's/`json:"ScaledOut,omitzero"`/`json:"-"`/'

plant TestAlarmRows alarm.go 's/case breaches == real \&\& oldest >= a.m:/case oldest >= a.m:/'
plant TestAlarmExhaustive alarm.go 's/breaches == real \&\& oldest >= a.m/breaches == real \&\& oldest >= a.n/'
plant TestAlarmExhaustive alarm.go 's/breaches+short >= a.m/breaches+short > a.m/'
plant TestAlarmOracle alarm.go 's/ \&\& r.count < a.n; back++/; back++/'
plant TestAlarmOracle alarm.go 's/return a.EvaluationPeriods + 2/return a.EvaluationPeriods/'
plant TestStatistics statistics.go 's/len(values)-1)\*percentile/len(values))*percentile/'
plant TestExpressionArithmetic expression_parser.go 's/p.chain(p.product, "+", "-")/p.chain(p.product, "+", "-", "*")/'
plant TestScaleInBalance termination_policy.go 's/ \&\& !i.ProtectedFromScaleIn//'
plant TestScaleInBalance termination_policy.go 's/ok \&\& count\[z\] == most/ok/'
plant TestGroupSchedule group_schedule.go 's/(weekdays | weekdays>>7) << 1/weekdays << 1/'
plant TestPredictLooksBackOnly forecaster.go 's/min(len(history.Datapoints), history.ended(at))/len(history.Datapoints)/'

# The worked rows, each broken in its own way.
plant TestWorkedExamples/E7 target_tracking.go 's/Proportional(c.Running, d.Metric, p.TargetValue), true/Proportional(c.Desired, d.Metric, p.TargetValue), true/'
plant TestWorkedExamples/E16 target_tracking.go 's/(float64(float64(running)\*metric)\/target - 1e-9)/(float64(running) * float64(metric\/target))/'
plant TestWorkedExamples/S1 adjustment.go 's/^\tcase delta == 0 \&\& product > 0:$/\tcase false:/'
plant TestWorkedExamples/S14 adjustment.go 's/metric > threshold+lower)/metric >= threshold+lower)/'
plant TestWorkedExamples/S19 memory.go 's/added, until = m.Added, end/until = end/'
plant TestWorkedExamples/A2 alarm.go 's/end := w.last - back\*w.step/end := (w.last\/w.step - back) * w.step/'
plant TestWorkedExamples/C18 scheduled_action.go 's/^\tif next.MinCapacity > next.MaxCapacity {$/\tif false {/'
plant TestWorkedExamples/P1 predictive_scaling.go 's/100+p.MaxCapacityBuffer/100/'
plant TestWorkedExamples/K2 managed_scaling.go 's/^\t\td.Want = ceilDiv(int(d.Metric), target)$//'
plant TestWorkedExamples/K10 managed_scaling.go 's/max(need, (p.Count+per-1)\/per)/need+(p.Count+per-1)\/per/'
plant TestWorkedExamples/K18 managed_scaling.go 's/c.Desired\/2)/c.Desired\/20)/'
plant TestWorkedExamples/X10 termination_policy.go 's/ \&\& !i.ProtectedFromScaleIn//'
