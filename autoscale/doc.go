// Package autoscale decides how many tasks a service runs, by scaling policies, alarms and schedules,
// and how many instances a capacity provider needs. It has no clock and no memory: a decision is a
// function of a time, a capacity and a recorded series, and it says why.
//
// # Start here
//
// A [Policy] is a value. What it remembers is a second value, a [Memory]:
//
//	decision, memory = policy.Decide(memory, now, capacity, series)
//
// A [Replay] runs policies over a recorded load. Alarms, series and metric math are in package cloudwatch,
// Auto Scaling groups in package group.
//
// # Model
//
// There are four policies: [TargetTracking], [StepScaling], [SimpleScaling] for groups, and
// [PredictiveScaling], whose series is a forecast ([Predict], [PredictCapacity]) and not a metric.
// [ManagedScalingPolicy] is the one that ECS makes on the group of a capacity provider. Once a minute
// every policy of a target decides. [Combine] makes one [Decision] of these, within the [Bounds], and
// every memory takes note of it:
//
//	total := autoscale.Combine(bounds, capacity, a, b)
//	memoryA, memoryB = memoryA.Took(total), memoryB.Took(total)
//
// A [cloudwatch.Series] is a metric at a fixed period, and a [cloudwatch.MetricAlarm] turns one into a
// state. A decision looks at the periods that have ended by its time and at no others, so that one
// recording serves every decision of a [Replay].
//
// [PutScalingPolicyInput], [RegisterScalableTargetInput] and [PutScheduledActionInput] are the requests
// of Application Auto Scaling in AWS's JSON. Each has Validate, and becomes a policy, a [ScalableTarget]
// or a [ScheduledAction]. A [Schedule] is compiled from at, rate or cron.
//
// For capacity, [Needed] is how many instances a provider needs for the tasks that run and those in
// PROVISIONING, and [CapacityProviderReservation] is the metric that follows from it. Package group
// decides where instances start and which end. [PriceTable.Cost] returns what it all costs.
//
// A [Replay] applies all of this to a recorded load: [Replay.Run] returns what the policies would have
// done, and [Replay.Decisions] says why, minute by minute.
//
// # Guarantees
//
//  1. A decision that moves the desired count stays within the bounds (TestLaws/A1_within_bounds).
//  2. Cooldowns count from when an activity is complete; a scale-out in cooldown is for what exceeds
//     the capacity already added, and nothing is held back longer (TestLaws/A2_cooldown_respected).
//  3. A higher metric never gets less capacity (TestLaws/A3_monotone_in_metric).
//  4. Step adjustments that validate cover every value once (TestLaws/A4_steps_cover).
//  5. Between the alarms' thresholds nothing happens (TestLaws/A5_no_action_in_band).
//  6. Schedules fire at the minutes they should, over leap days and changes of clocks, and at no
//     others (TestLaws/A6_rate_is_oracle, and TestLaws of internal/cron).
//  7. A target scales out if any policy wants it, and in if every target-tracking policy that may
//     scale in agrees (TestLaws/A7_out_if_any_in_if_all).
//  8. Target tracking and managed scaling act on alarms that follow CloudWatch's rules, which package
//     cloudwatch guarantees (TestTargetTrackingAlarms).
//  9. Missing data and NaN lead to no decision (TestTargetTrackingMissing, TestOtherInvalid), nor does a
//     policy that does not validate (TestLaws/invalid_never_decides); a refused request changes nothing
//     (TestRegister).
//  10. A decision says why it was made, what limited it, and until when the limit holds, where that is
//     known (TestLaws/decisions_say_why).
//  11. The JSON of a Memory holds all of it (TestLaws/memory_survives_json).
//  12. Decide and Combine allocate nothing (TestDecideAllocates); a replay gives the same summary
//     every time (TestReplayMade).
//  13. AWS's worked examples come out as printed (TestWorkedExamples).
//
// Functions take the present as a time.Time. Decisions, memories and instances keep times as
// [ecs.Instant].
//
// # Differences from ECS
//
// AWS publishes what these policies do, not how they compute. Where it is silent:
//
//   - Target tracking goes to ceil(running × metric ÷ target), with the mean of the datapoints that
//     made the alarm; its alarms are 3 of 3 minutes above the target and 15 of 15 below 0.9 of it (30 of 30
//     at 20 seconds), as observed. [TrackingAlarm] sets others, such as 0.7 for the CPU of a group.
//   - A step policy computes from the newest period that has data.
//   - All policies of a target share its cooldowns. A scale-out within a cooldown starts the cooldown
//     again, and all that was added counts until it ends; tasks of an unfinished scale-out that run
//     already count too. Scale-in waits for its cooldown after a scale-out and after a scale-in, and
//     while an activity is in progress, but never longer than [Cooldowns].Unfulfilled.
//   - For its hour, a forecast is the lowest count that a scale-in may reach. It does not scale out
//     while dynamic scale-out is suspended. A maximum that it has raised stays raised.
//     [SeasonalForecaster] makes the forecasts, unless the caller provides another [Forecaster].
//   - A local time that clocks skip does not fire; one that comes twice fires the first time. L-3, LW
//     and ranges that wrap (FRI-MON) are accepted. at(…) in the past is refused. A rate without a start
//     counts from its creation.
//   - A positive target is required, though the API's range has negative ones.
//   - When managed scaling halves a group, it rounds down the number of instances that end. Instances in
//     warm-up count as delivered, and further scaling waits for them. A task waits in PROVISIONING for
//     [DefaultProvisioningTimeout], an idle Managed Instance for [DefaultScaleInAfter].
//   - Scaling plans are not modelled.
//
// # Example
//
// The example of the package validates, replays and explains. See also those of [TargetTracking],
// [StepScaling], [Combine], [Schedule], [Needed] and [Replay].
package autoscale
