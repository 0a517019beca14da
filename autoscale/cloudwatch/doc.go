// Package cloudwatch is the part of Amazon CloudWatch that scaling needs: metrics as series of
// datapoints, statistics, metric math and alarms.
//
// # Start here
//
// [Aggregate] makes a [Series] of samples; [MetricAlarm.Evaluate] returns the state of an alarm on it:
//
//	r := alarm.Evaluate(previous, now, series) // r.State, and the datapoints that decided it
//
// [Metrics] keeps what was reported, and answers GetMetricData, GetMetricStatistics and ListMetrics.
//
// # Model
//
// A [Series] is a metric at a fixed period. A missing datapoint is marked as missing; no number stands
// for it. An evaluation reads only the periods that have ended by its time. So one recording can be
// evaluated at any time. [Percentiles] is Aggregate for a percentile. [Series.Every] returns the series
// at another period.
//
// The metrics that ECS publishes have their formulas here: [Utilization], [CPUReservation],
// [MemoryReservation], [GPUReservation], [ClusterUtilization], and [RequestCountPerTarget] of a target
// group. [EvaluateQueries] is metric math: queries that name metrics, and expressions over them, which
// [ParseExpression] compiles.
//
// [PutMetricAlarmInput] is an alarm in the form of the API, on a metric or on queries: it has the part that
// decides, Alarm, what it looks at, Series, and the sentence of a state, Reason. [Alarm] is what
// DescribeAlarms shows. The inputs of the other actions have Validate, and what selects.
//
// A [MetricAlarm] keeps no state: its previous state is an argument, and a [Reading] is the result.
// Nothing here reads a clock.
//
// # Guarantees
//
//  1. Alarms follow the documented rules for missing data: the rows of AWS's tables (TestAlarmRows), and
//     every range of six periods against a naive evaluator (TestAlarmExhaustive, TestAlarmOracle).
//  2. Statistics and percentiles are those of their definitions, in whatever order samples come
//     (TestStatistics).
//  3. An expression that is printed and parsed again is the same (FuzzParseExpression), and computes as
//     arithmetic does (TestExpressionArithmetic). An operand that is missing and a result that is not a
//     finite number are missing data (TestExpression).
//  4. What is read of [Metrics] is what was reported: each statistic and percentile, in each period, against
//     a list of all values (TestMetricsOracle). They take bounded room (TestMetricsAreBounded), and a
//     refused call changes nothing (TestPutMetricDataRefused).
//  5. Queries that depend on themselves, and all else that CloudWatch refuses, are refused before
//     anything is evaluated, with all faults at once (TestQueries, TestAlarmValidate).
//
// # Differences from ECS
//
// AWS does not publish how CloudWatch evaluates. Where it is silent:
//
//   - An alarm looks for its datapoints in two periods more than it evaluates, as in the published
//     examples. If every known datapoint breaches, but there are too few of them, the state stays as it
//     is, except that ALARM becomes OK.
//   - An alarm with a longer period than its series aggregates the series' datapoints in periods that
//     slide. Its average is the average of their averages, and its percentile is that of their values.
//   - Metrics keep data of seconds for 3 hours and data of minutes for 25 hours; older data are added up by
//     the hour, for 15 days. A metric keeps 4,000 points, and there are at most 2,000 metrics. CloudWatch
//     keeps data of minutes for 15 days.
//   - A point of more than 150 different values has no percentiles. Trimmed means and the like are refused.
//   - GetMetricData computes metric math over 100,800 datapoints a call.
//   - A percentile between two samples is interpolated linearly.
//   - Metric math is a subset, listed at [Expression].
//   - Anomaly detection and composite alarms are not modelled.
//
// # Example
//
// The examples of [MetricAlarm] and [EvaluateQueries].
package cloudwatch
