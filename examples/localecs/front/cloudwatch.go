package front

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
)

// unsupported is the error of services that have no name for what is not modelled.
const unsupported = ecs.UnsupportedFeatureException

// The errors of Amazon CloudWatch.
const (
	invalidParameterValue ecs.Code = "InvalidParameterValueException"
	missingParameter      ecs.Code = "MissingRequiredParameterException"
	limitExceeded         ecs.Code = "LimitExceededFault"
)

// cloudWatchCodes are the errors of Amazon CloudWatch, by shape and by code.
// Source: Amazon CloudWatch API Reference, "Common errors" and the errors of each action.
func cloudWatchCodes() map[ecs.Code]failure {
	codes := queryCodes()
	for code, f := range codes { //order:any each alone
		f.query, f.code, f.status = string(f.code), code, http.StatusBadRequest
		codes[code] = f
	}
	const bad = http.StatusBadRequest
	for _, code := range []ecs.Code{ecs.InvalidParameterException, unsupported, invalidParameterValue} {
		codes[code] = failure{invalidParameterValue, "InvalidParameterValue", bad}
	}
	codes[missingParameter] = failure{missingParameter, "MissingParameter", bad}
	codes[limitExceeded] = failure{limitExceeded, "LimitExceeded", bad}
	codes[ecs.ServerException] = failure{"InternalServiceFault", "InternalServiceError", http.StatusInternalServerError}
	return codes
}

// cloudWatchOperations are what of Amazon CloudWatch reaches the plane: datapoints of services, which
// policies with a customized metric read, and states of alarms, which deployments watch.
func cloudWatchOperations() table {
	return table{"PutMetricData": with(putMetricData), "SetAlarmState": with(setAlarmState)}
}

// notCloudWatch are the actions of Amazon CloudWatch that are not modelled.
func notCloudWatch() table {
	return unmodelled(unsupported,
		"AssociateDatasetKmsKey", "CreateResourceMetricsConfiguration", "DeleteAlarmMuteRule", "DeleteAlarms",
		"DeleteAnomalyDetector", "DeleteDashboards", "DeleteInsightRules", "DeleteMetricDataQueryDefinition",
		"DeleteMetricStream", "DeleteResourceMetricsConfiguration", "DescribeAlarmContributors",
		"DescribeAlarmHistory", "DescribeAlarms", "DescribeAlarmsForMetric", "DescribeAnomalyDetectors",
		"DescribeInsightRules", "DisableAlarmActions", "DisableInsightRules", "DisassociateDatasetKmsKey",
		"EnableAlarmActions", "EnableInsightRules", "GetAlarmMuteRule", "GetDashboard", "GetDataset",
		"GetInsightRuleReport", "GetMetricData", "GetMetricDataQueryDefinition", "GetMetricStatistics",
		"GetMetricStream", "GetMetricWidgetImage", "GetOTelEnrichment", "GetResourceMetricsConfiguration",
		"ListAlarmMuteRules", "ListDashboards", "ListManagedInsightRules", "ListMetricDataQueryDefinitions",
		"ListMetricStreams", "ListMetrics", "ListTagsForResource", "PutAlarmMuteRule", "PutAnomalyDetector",
		"PutCompositeAlarm", "PutDashboard", "PutInsightRule", "PutLogAlarm", "PutManagedInsightRules",
		"PutMetricAlarm", "PutMetricDataQueryDefinition", "PutMetricStream", "StartMetricStreams",
		"StartOTelEnrichment", "StopMetricStreams", "StopOTelEnrichment", "TagResource", "UntagResource",
		"UpdateOTelEnrichment", "UpdateResourceMetricsConfiguration")
}

// putMetricDataInput is the input of PutMetricData.
type putMetricDataInput struct {
	Namespace  string        `json:"Namespace"`
	MetricData []metricDatum `json:"MetricData"`
	_          struct{}      `unmodelled:"EntityMetricData,StrictEntityValidation"`
}

// metricDatum is a datapoint: a value, statistics of several, or several with their counts.
type metricDatum struct {
	MetricName        string            `json:"MetricName"`
	Dimensions        []metricDimension `json:"Dimensions"`
	Timestamp         ecs.Instant       `json:"Timestamp"`
	Value             ecs.Opt[float64]  `json:"Value"`
	StatisticValues   *statisticSet     `json:"StatisticValues"`
	Values            []float64         `json:"Values"`
	Counts            []float64         `json:"Counts"`
	Unit              string            `json:"Unit"`
	StorageResolution ecs.Opt[int]      `json:"StorageResolution"`
}

type metricDimension struct {
	Name  string `json:"Name"`
	Value string `json:"Value"`
}

type statisticSet struct {
	SampleCount float64 `json:"SampleCount"`
	Sum         float64 `json:"Sum"`
	Minimum     float64 `json:"Minimum"`
	Maximum     float64 `json:"Maximum"`
}

// mostData is how many datapoints a PutMetricData may have, and largestValue what a value may be.
// Source: Amazon CloudWatch API Reference, PutMetricData.
const (
	mostData     = 1000
	largestValue = 1 << 360 // exact as a float64
)

// putMetricData reports the datapoints that have the dimensions ClusterName and ServiceName to the plane.
// It takes the others, as CloudWatch does, and nothing reads them.
func putMetricData(s *region, in putMetricDataInput) (any, error) {
	var samples []message.MetricSample
	switch {
	case in.Namespace == "":
		return nil, ecs.Fault(missingParameter, "Namespace", "The parameter Namespace is required.")
	case strings.HasPrefix(in.Namespace, "AWS/"):
		return nil, ecs.Fault(invalidParameterValue, "Namespace", "The value AWS/ for parameter Namespace is invalid.")
	case len(in.MetricData) > mostData:
		return nil, ecs.Fault(invalidParameterValue, "MetricData",
			fmt.Sprintf("The collection MetricData must not have a "+
				"size greater than %d; it has %d.", mostData, len(in.MetricData)))
	}
	for i, d := range in.MetricData {
		value, err := d.check(fmt.Sprintf("MetricData.member.%d", i+1))
		if err != nil {
			return nil, err
		}
		cluster, name := d.dimension("ClusterName"), d.dimension("ServiceName")
		if cluster == "" || name == "" {
			continue
		}
		if err := s.name("metric " + cluster + " " + name + " " + d.MetricName); err != nil {
			return nil, err
		}
		samples = append(samples, message.MetricSample{Cluster: cluster, Service: name, Metric: d.MetricName,
			At: d.Timestamp, Value: value})
	}
	err := s.world.Do(func(p *control.Plane, now time.Time) error {
		for _, m := range samples {
			p.Observe(now, m)
		}
		return nil
	})
	return object{}, err
}

// check returns the average of a datapoint, or why there is none.
func (d metricDatum) check(at string) (float64, error) {
	invalid := func(member, format string, args ...any) (float64, error) {
		return 0, ecs.Fault(invalidParameterValue, at+"."+member,
			fmt.Sprintf("The parameter "+at+"."+member+" "+format, args...))
	}
	value, given := d.Value.Get()
	kinds := 0
	for _, has := range []bool{given, d.StatisticValues != nil, len(d.Values) > 0} {
		if has {
			kinds++
		}
	}
	switch {
	case d.MetricName == "":
		return 0, ecs.Fault(missingParameter, at+".MetricName", "The parameter "+at+".MetricName is required.")
	case isPredefined(d.MetricName):
		return invalid("MetricName", "is a metric that AWS measures: %s.", d.MetricName)
	case kinds != 1:
		return invalid("Value", "must be given, or StatisticValues, or Values, and only one of them.")
	case d.StatisticValues != nil && !(d.StatisticValues.SampleCount > 0):
		return invalid("StatisticValues.SampleCount", "must be greater than 0.")
	case len(d.Counts) > 0 && len(d.Counts) != len(d.Values):
		return invalid("Counts", "must have as many items as Values: %d and %d.", len(d.Counts), len(d.Values))
	}
	if d.StatisticValues != nil {
		value = d.StatisticValues.Sum / d.StatisticValues.SampleCount
	} else if !given {
		sum, count := 0.0, 0.0
		for i, v := range d.Values {
			n := 1.0
			if len(d.Counts) > 0 {
				n = d.Counts[i]
			}
			if !(n > 0) {
				return invalid("Counts", "must be greater than 0.")
			}
			sum, count = sum+float64(v*n), count+n
		}
		value = sum / count
	}
	if !(value >= -largestValue && value <= largestValue) {
		return invalid("Value", "must be between -2^360 and 2^360.")
	}
	return value, nil
}

// isPredefined reports whether policies read a metric under a name that is AWS's own.
func isPredefined(name string) bool {
	return slices.Contains([]string{"ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization",
		"ALBRequestCountPerTarget"}, name)
}

func (d metricDatum) dimension(name string) string {
	for _, o := range d.Dimensions {
		if o.Name == name {
			return o.Value
		}
	}
	return ""
}

// setAlarmStateInput is the input of SetAlarmState.
type setAlarmStateInput struct {
	AlarmName       string         `json:"AlarmName"`
	StateValue      ecs.AlarmState `json:"StateValue"`
	StateReason     string         `json:"StateReason"`
	StateReasonData string         `json:"StateReasonData"`
}

// setAlarmState reports the state of an alarm that deployments may watch. An alarm comes into being with
// its first state: deployments name alarms that were made elsewhere.
// Source: Amazon CloudWatch API Reference, SetAlarmState.
func setAlarmState(s *region, in setAlarmStateInput) (any, error) {
	for _, member := range [][2]string{{"AlarmName", in.AlarmName}, {"StateValue", string(in.StateValue)},
		{"StateReason", in.StateReason}} {
		if member[1] == "" {
			return nil, ecs.Fault(missingParameter, member[0], "The parameter "+member[0]+" is required.")
		}
	}
	const longestName = 255
	switch {
	case !ecs.Valid(in.StateValue):
		return nil, ecs.Fault(invalidParameterValue, "StateValue",
			fmt.Sprintf("StateValue is one of OK, ALARM, INSUFFICIENT_DATA; it is %q.", in.StateValue))
	case len(in.AlarmName) > longestName:
		return nil, ecs.Fault(invalidParameterValue, "AlarmName",
			fmt.Sprintf("AlarmName has at most %d characters; it has %d.", longestName, len(in.AlarmName)))
	}
	if err := s.name("alarm " + in.AlarmName); err != nil {
		return nil, err
	}
	err := s.world.Do(func(p *control.Plane, now time.Time) error {
		p.Observe(now, message.AlarmState{AlarmName: in.AlarmName, State: in.StateValue})
		return nil
	})
	return object{}, err
}

// name keeps the name of an alarm or of a metric: there are no more than a thousand, so that what the plane
// remembers of them is bounded.
func (s *region) name(name string) error {
	const longest = 1024
	if slices.Contains(s.kept.Names, name) {
		return nil
	}
	if len(s.kept.Names) >= mostKept || len(name) > longest {
		return ecs.Fault(limitExceeded, "", fmt.Sprintf("There may be %d alarms and metrics of services, with "+
			"short names.", mostKept))
	}
	s.kept.Names = append(s.kept.Names, name)
	return s.keep()
}
