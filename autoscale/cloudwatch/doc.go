// Package cloudwatch has what scaling knows of Amazon CloudWatch: metrics as series of datapoints, their
// statistics, metric math over them, and alarms.
//
// # Start here
//
// [Aggregate] makes a [Series] of samples; [MetricAlarm.Evaluate] says in which state an alarm on it is:
//
//	r := alarm.Evaluate(previous, now, series) // r.State, and what it went by
//
// # Model
//
// A [Series] is a metric at a fixed period; a missing period is said, never coded as a number. An
// evaluation looks at the periods that have ended by its time and at no others, so that one recording
// serves every moment. [Percentiles] is Aggregate for a percentile, [Series.Every] another period.
//
// The metrics that ECS publishes have their formulas here: [Utilization], [CPUReservation],
// [MemoryReservation], [GPUReservation], [ClusterUtilization], and [RequestCountPerTarget] of a target
// group. [EvaluateQueries] is metric math: queries that name metrics, and expressions over them, which
// [ParseExpression] compiles.
//
// A [MetricAlarm] keeps nothing: its state before comes in, a [Reading] goes out. Nothing here has a
// clock.
//
// # Guarantees
//
//  1. Alarms follow the documented rules for missing data: the rows of AWS's tables (TestAlarmRows), and
//     every range of six periods against an evaluator that is written as the rules are (TestAlarmExhaustive,
//     TestAlarmOracle).
//  2. Statistics and percentiles are those of their definitions, in whatever order samples come
//     (TestStatistics).
//  3. An expression that is printed and parsed again is the same (FuzzParseExpression), and computes as
//     arithmetic does (TestExpressionArithmetic). An operand that is missing and a result that is not a
//     finite number are missing data (TestExpression).
//  4. Queries that lead back to themselves, and whatever else CloudWatch refuses, are refused before
//     anything is evaluated, all faults at once (TestQueries, TestAlarmValidate).
//
// # Differences from ECS
//
// AWS does not publish how CloudWatch evaluates. Where it is silent:
//
//   - An alarm looks for its datapoints in two periods more than it evaluates, as in the published
//     examples. Where all that is known breaches, but not yet for long enough, the state stays, and ALARM
//     becomes OK.
//   - An alarm with a longer period than its series aggregates the series' datapoints, in periods that
//     slide: the average of averages, the percentile of values.
//   - A percentile lies between two samples in proportion.
//   - Metric math is a subset, listed at [Expression].
//   - Anomaly detection and composite alarms are not modelled.
//
// # Example
//
// The examples of [MetricAlarm] and [EvaluateQueries].
package cloudwatch
