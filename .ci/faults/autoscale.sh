#!/bin/bash
# Breaks package autoscale once or more for each of its laws and oracles: every planted fault must be found.
set -eu -o pipefail

. .ci/faults/plant

law() { plant autoscale "$@"; }
fleet() { plant autoscale/group "$@"; }
watch() { plant autoscale/cloudwatch "$@"; }
cron() { plant autoscale/internal/cron "$@"; }

law TestLaws/A1 combine.go 's/^\tto := b.Clamp(d.New)$/\tto := d.New/'
law TestLaws/A2 memory.go 's/^\t\tm.ScaledOut = now$/\t\tm.ScaledOut = m.Since/'
law TestLaws/A2 memory.go 's/m.Scaled != 0 \&\& now < until/m.Scaled != 0 \&\& now > until/'
law TestLaws/A2 memory.go 's/added, until = m.Added, end/until = end/'
law TestLaws/A2 memory.go 's/^\t\tm.Added += added$/\t\tm.Added = added/'
law TestLaws/A2 memory.go 's/^\t\treturn LimitActivityInProgress, 0$//'
law TestLaws/A3 target_tracking.go 's/float64(running)\*metric)\/target/float64(running)*target)\/metric/'
law TestLaws/A3 step_scaling.go 's/!exact \&\& step.ScalingAdjustment > 0:/!exact \&\& d.Want > c.Running:/'
law TestLaws/A4 adjustment.go 's/metric < threshold+upper)/metric <= threshold+upper)/'
law TestLaws/A4 adjustment.go 's/case lower > upper:/case false:/'
law TestLaws/A4 adjustment.go 's/case !hasUpper || lower < upper:/case !hasUpper:/'
law TestLaws/A5 tracking_alarm.go 's/periods, 0.9)/periods, 1)/'
law TestLaws/A5 tracking_alarm.go 's/GreaterThanThreshold, 3, 1)/GreaterThanThreshold, 3, 0.95)/'
cron TestLaws/ten_years_of_cron expression.go 's/if d == 1 {/if d == 0 {/'
cron TestLaws/ten_years_of_cron expression.go 's/if d+7 > last {/if d+7 >= last {/'
cron TestLaws/ten_years_of_cron clock.go 's/max(before, after), min(before, after)/min(before, after), max(before, after)/'
cron TestLaws/ten_years_of_cron expression.go 's/^\t\t\t\tminute = 0$//'
cron TestLaws/ten_years_of_cron clock.go 's/; actual == offset {/; actual == offset || offset == min(before, after) {/'
cron TestLaws/random_cron expression.go 's/length += span/length += span - 1/'
law TestLaws/A6 schedule.go 's|/s.every + 1$|/s.every|'
law TestLaws/A7 combine.go 's/ds\[i\].Vote == VoteHold || //'
law TestLaws/A7 combine.go 's/d.New > ds\[best\].New/d.New < ds[best].New/'
law TestLaws/A7 combine.go 's/d.Vote == VoteFloor \&\& d.Want > in.New/d.Vote == VoteFloor/'
law TestLaws/A7 combine.go 's/^\tcase c.Deploying:$/\tcase false:/'
law TestLaws/decisions_say_why combine.go 's/d.Limit, d.Until = LimitMaxCapacity, 0/d.Limit = LimitMaxCapacity/'
law TestLaws/invalid_never_decides step_scaling.go 's/^\t\td.withhold(p.Validate())$//'
law TestLaws/invalid_never_decides predictive_scaling.go 's/^\td.withhold(p.Validate())$//'
law TestLaws/memory_survives_json memory.go 's/`json:"ScaledOut,omitzero"`/`json:"-"`/'

watch TestAlarmRows alarm.go 's/case breaches == real \&\& oldest >= a.m:/case oldest >= a.m:/'
watch TestAlarmExhaustive alarm.go 's/breaches == real \&\& oldest >= a.m/breaches == real \&\& oldest >= a.n/'
watch TestAlarmExhaustive alarm.go 's/breaches+short >= a.m/breaches+short > a.m/'
watch TestAlarmOracle alarm.go 's/ \&\& r.count < a.n; back++/; back++/'
watch TestAlarmOracle alarm.go 's/return a.EvaluationPeriods + 2/return a.EvaluationPeriods/'
watch TestAlarmOracle alarm.go 's|end := w.last - back\*w.step|end := (w.last/w.step - back) * w.step|'
watch TestStatistics statistics.go 's/len(values)-1)\*percentile/len(values))*percentile/'
watch TestMetricsOracle point.go 's/append(out.Counts, an\[0\]+bn\[0\])/append(out.Counts, an[0])/'
watch TestMetricsOracle recording.go 's/^\t\tif at == slot {$/\t\tif false {/'
watch TestMetricsOracle point.go 's/float64((p.SampleCount-1)\*percentile)/float64((float64(len(values))-1)*percentile)/'
watch TestMetricsAreBounded recording.go 's/^\t\tr.condense(now)$//'
watch TestMetricsAreBounded recording.go 's/^\t\tm.forget(ecs.At(now))$//'
watch TestMetricsAreBounded recording.go 's/^\t\tm.forgetStalest()$//'
watch TestRecord recording.go 's/case r.Points\[i\].StatisticSet == p.StatisticSet:/case false:/'
watch TestPutMetricDataRefused put_metric_data.go 's/return v >= -largestValue \&\& v <= largestValue/return !(v < -largestValue)/'
watch TestGetMetricData$ get_metric_data.go 's/from := min(max(0, skip-passed), len(list))/from := min(skip, len(list))/'
watch TestGetMetricData$ get_metric_data.go 's/tokenAt(passed - len(list) + to)/tokenAt(passed - len(list) + from)/'
watch TestGetMetricDataRefused get_metric_data.go 's/spent > mostDatapoints {/spent > 1<<40 {/'
watch TestExpressionArithmetic expression_parser.go 's/p.chain(p.power, "\*", "\/")/p.chain(p.power, "*", "\/", "+")/'
fleet TestScaleInBalance instance.go 's/ \&\& !i.ProtectedFromScaleIn$//'
fleet TestGroupSettles instance.go 's/free\[z\] > 0 \&\& (most/(most/'
fleet TestGroupSettles instance.go 's/count\[most\]-count\[least\] < 2/count[most]-count[least] < 3/'
fleet TestGroupSettles instance.go 's/room := RebalanceLimit(g.MaxSize) - g.Active()/room := 2*g.MaxSize/'
fleet TestScaleInBalance termination_policy.go 's/ok \&\& count\[z\] == most/ok \&\& count[z] > 0/'
cron TestLaws/unix unix.go 's/(weekdays | weekdays>>7) << 1/weekdays << 1/'
law TestPredictLooksBackOnly forecaster.go 's/history.Ended(at))/history.Ended(at.Add(ForecastHorizon)))/'

# The worked rows, each broken in its own way.
law TestWorkedExamples/E7 target_tracking.go 's/Proportional(c.Running, d.Metric, p.TargetValue), true/Proportional(c.Desired, d.Metric, p.TargetValue), true/'
law TestWorkedExamples/E16 target_tracking.go 's/(float64(float64(running)\*metric)\/target - 1e-9)/(float64(running) * float64(metric\/target))/'
law TestWorkedExamples/S1 adjustment.go 's/return max(1, whole.Down/return max(0, whole.Down/'
law TestWorkedExamples/S14 adjustment.go 's/metric > threshold+lower)/metric >= threshold+lower)/'
law TestWorkedExamples/S19 memory.go 's/added, until = m.Added, end/until = end/'
TESTED=autoscale watch TestWorkedExamples/A2 alarm.go 's/end := w.last - back\*w.step/end := (w.last\/w.step - back) * w.step/'
law TestWorkedExamples/C18 scheduled_action.go 's/^\tif next.MinCapacity > next.MaxCapacity {$/\tif false {/'
law TestWorkedExamples/P1 predictive_scaling.go 's/whole.Plus(100, p.MaxCapacityBuffer)/100/'
law TestWorkedExamples/K2 managed_scaling.go 's/^\t\td.Want = ceilDiv(int(d.Metric), target)$//'
law TestWorkedExamples/K10 managed_scaling.go 's/max(need, ceilDiv(p.Count, per))/need+ceilDiv(p.Count, per)/'
law TestWorkedExamples/K18 managed_scaling.go 's/c.Desired\/2)/c.Desired\/20)/'
TESTED=autoscale fleet TestWorkedExamples/X10 instance.go 's/ \&\& !i.ProtectedFromScaleIn$//'

# Numbers of requests that are as large as they can be, and which instance of a group ends first.
law TestFarNumbers adjustment.go 's/whole.Plus(capacity, adjustment)/capacity+adjustment/'
law TestFarNumbers managed_scaling.go 's/whole.Up(needed, 100, target)/ceilDiv(needed*100, target)/'
law TestPoliciesTake32Bits faults.go 's/return n == int(int32(n))/return true/'
fleet TestUnhealthyEndsFirst termination_policy.go 's/victim, ok := g.unhealthy()/victim, ok := Instance{}, false/'
fleet TestOtherLaunchTemplateFirst termination_policy.go 's/i.LaunchConfigurationName == "" \&\&$/false \&\&/'
fleet TestSetInstanceProtection instance.go '/if g.Instances\[at\].ProtectedFromScaleIn != protected {/,/slices.Clone/{/slices.Clone/d}'

# The world that drives groups.
plant ecs/sim TestGroupReplaces fleet.go 's/if err := w.groups\[name\].replace(id); err != nil {/if err := error(nil); err != nil {/'
plant ecs/sim TestGroupKeepsBusyInstances group.go 's/!autoscale.Removable(ended, true, tasks, daemons)/autoscale.Removable(ended, true, tasks, daemons) \&\& false/'
