// Package cloudwatch is the API of Amazon CloudWatch in front of a control plane: one table.
//
// # Start here
//
// [Operations] has the table of what is served, [Bare] and [Gzipped] say what is particular about some of
// it on the wire, [Named] says what the inputs name, for policies, and [NotFound] which errors are 404.
package cloudwatch

import (
	"time"

	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/examples/localecs/front/operation"
)

// reads returns an operation that looks at CloudWatch.
func reads[In, Out any](f func(*control.CloudWatch, In) (Out, error)) operation.Operation[operation.World] {
	return operation.Read(func(p *control.Plane, in In) (Out, error) { return f(p.CloudWatch(), in) })
}

// changes returns an operation that changes CloudWatch and answers nothing.
func changes[In any](f func(*control.CloudWatch, time.Time, In) error) operation.Operation[operation.World] {
	return operation.Silent(func(p *control.Plane, now time.Time, in In) error { return f(p.CloudWatch(), now, in) })
}

// Operations returns what is served of Amazon CloudWatch, and what is refused by name.
func Operations() operation.Table[operation.World] {
	type M = *control.CloudWatch
	return operation.Joined(
		operation.Unmodelled[operation.World](ecs.UnsupportedFeatureException,
			"AssociateDatasetKmsKey", "CreateResourceMetricsConfiguration", "DeleteAlarmMuteRule",
			"DeleteAnomalyDetector", "DeleteDashboards", "DeleteInsightRules", "DeleteMetricDataQueryDefinition",
			"DeleteMetricStream", "DeleteResourceMetricsConfiguration", "DescribeAlarmContributors",
			"DescribeAnomalyDetectors", "DescribeInsightRules", "DisableInsightRules", "DisassociateDatasetKmsKey",
			"EnableInsightRules", "GetAlarmMuteRule", "GetDashboard", "GetDataset", "GetInsightRuleReport",
			"GetMetricDataQueryDefinition", "GetMetricStream", "GetMetricWidgetImage", "GetOTelEnrichment",
			"GetResourceMetricsConfiguration", "ListAlarmMuteRules", "ListDashboards", "ListManagedInsightRules",
			"ListMetricDataQueryDefinitions", "ListMetricStreams", "PutAlarmMuteRule", "PutAnomalyDetector",
			"PutCompositeAlarm", "PutDashboard", "PutInsightRule", "PutLogAlarm", "PutManagedInsightRules",
			"PutMetricDataQueryDefinition", "PutMetricStream", "StartMetricStreams", "StartOTelEnrichment",
			"StopMetricStreams", "StopOTelEnrichment", "UpdateOTelEnrichment", "UpdateResourceMetricsConfiguration"),
		operation.Table[operation.World]{
			"PutMetricData":           changes(M.PutMetricData),
			"GetMetricData":           reads(M.GetMetricData),
			"GetMetricStatistics":     reads(M.GetMetricStatistics),
			"ListMetrics":             reads(M.ListMetrics),
			"PutMetricAlarm":          changes(M.PutMetricAlarm),
			"DeleteAlarms":            changes(M.DeleteAlarms),
			"EnableAlarmActions":      changes(M.EnableAlarmActions),
			"DisableAlarmActions":     changes(M.DisableAlarmActions),
			"SetAlarmState":           changes(M.SetAlarmState),
			"DescribeAlarms":          reads(M.DescribeAlarms),
			"DescribeAlarmsForMetric": reads(M.DescribeAlarmsForMetric),
			"DescribeAlarmHistory":    reads(M.DescribeAlarmHistory),
			"TagResource":             changes(M.TagResource),
			"UntagResource":           changes(M.UntagResource),
			"ListTagsForResource":     reads(M.ListTagsForResource),
		})
}

// Bare are the actions whose answer by AWS query has no result.
// Source: the model of Amazon CloudWatch.
func Bare() map[string]bool {
	return map[string]bool{"PutMetricData": true, "PutMetricAlarm": true, "DeleteAlarms": true,
		"EnableAlarmActions": true, "DisableAlarmActions": true, "SetAlarmState": true}
}

// Gzipped are the actions whose body may be compressed.
func Gzipped() []string { return []string{"PutMetricData"} }

// Codes are the errors of Amazon CloudWatch in the query protocol, by their names in its model.
// Source: the model of Amazon CloudWatch.
func Codes() map[ecs.Code]string {
	return map[ecs.Code]string{
		cloudwatch.InvalidParameterValue:       "InvalidParameterValue",
		cloudwatch.InvalidParameterCombination: "InvalidParameterCombination",
		cloudwatch.MissingRequiredParameter:    "MissingParameter",
		cloudwatch.ValidationError:             "ValidationError",
		cloudwatch.InvalidFormat:               "InvalidFormat",
		cloudwatch.InvalidNextToken:            "InvalidNextToken",
		cloudwatch.LimitExceeded:               "LimitExceeded",
		cloudwatch.ResourceNotFound:            "ResourceNotFound",
		ecs.ResourceNotFoundException:          "ResourceNotFoundException",
	}
}

// NotFound reports whether an error is answered with the status 404.
func NotFound(code ecs.Code) bool {
	return code == cloudwatch.ResourceNotFound || code == ecs.ResourceNotFoundException
}

// Named says what the members of an input name, for policies: see front.
func Named() map[string]string {
	const (
		one      = "alarm=AlarmName"
		many     = "alarm=AlarmNames"
		resource = "resource=ResourceARN"
	)
	return map[string]string{
		"PutMetricData": "metric=MetricData.MetricName", "GetMetricData": "", "ListMetrics": "",
		"GetMetricStatistics": "metric=MetricName", "PutMetricAlarm": one, "SetAlarmState": one,
		"DescribeAlarmHistory":    one,
		"DescribeAlarmsForMetric": "metric=MetricName", "DeleteAlarms": many, "EnableAlarmActions": many,
		"DisableAlarmActions": many, "DescribeAlarms": many,
		"TagResource": resource, "UntagResource": resource, "ListTagsForResource": resource,
	}
}
