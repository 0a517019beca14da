package cloudwatch

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// Alarm is an alarm with its state, as DescribeAlarms shows it.
type Alarm struct {
	AlarmName                          string             `json:"AlarmName"`
	AlarmArn                           string             `json:"AlarmArn"`
	AlarmDescription                   string             `json:"AlarmDescription,omitzero"`
	AlarmConfigurationUpdatedTimestamp ecs.Instant        `json:"AlarmConfigurationUpdatedTimestamp"`
	ActionsEnabled                     bool               `json:"ActionsEnabled"`
	OKActions                          []string           `json:"OKActions"`
	AlarmActions                       []string           `json:"AlarmActions"`
	InsufficientDataActions            []string           `json:"InsufficientDataActions"`
	StateValue                         AlarmState         `json:"StateValue"`
	StateReason                        string             `json:"StateReason"`
	StateReasonData                    string             `json:"StateReasonData,omitzero"`
	StateUpdatedTimestamp              ecs.Instant        `json:"StateUpdatedTimestamp"`
	StateTransitionedTimestamp         ecs.Instant        `json:"StateTransitionedTimestamp"`
	MetricName                         string             `json:"MetricName,omitzero"`
	Namespace                          string             `json:"Namespace,omitzero"`
	Statistic                          Statistic          `json:"Statistic,omitzero"`
	ExtendedStatistic                  string             `json:"ExtendedStatistic,omitzero"`
	Dimensions                         []MetricDimension  `json:"Dimensions"`
	Period                             int                `json:"Period,omitzero"`
	Unit                               Unit               `json:"Unit,omitzero"`
	EvaluationPeriods                  int                `json:"EvaluationPeriods"`
	DatapointsToAlarm                  int                `json:"DatapointsToAlarm,omitzero"`
	Threshold                          float64            `json:"Threshold"`
	ComparisonOperator                 ComparisonOperator `json:"ComparisonOperator"`
	TreatMissingData                   TreatMissingData   `json:"TreatMissingData,omitzero"`
	EvaluateLowSampleCountPercentile   string             `json:"EvaluateLowSampleCountPercentile,omitzero"`
	Metrics                            []MetricDataQuery  `json:"Metrics,omitzero"`
}

// Described returns the alarm that the input makes, without a state. It shares nothing with the input.
func (in PutMetricAlarmInput) Described() Alarm {
	return Alarm{AlarmName: in.AlarmName, AlarmDescription: in.AlarmDescription,
		ActionsEnabled: in.ActionsEnabled.Or(true), OKActions: copied(in.OKActions),
		AlarmActions: copied(in.AlarmActions), InsufficientDataActions: copied(in.InsufficientDataActions),
		MetricName: in.MetricName, Namespace: in.Namespace, Statistic: in.Statistic,
		ExtendedStatistic: in.ExtendedStatistic, Dimensions: copied(in.Dimensions), Period: in.Period, Unit: in.Unit,
		EvaluationPeriods: in.EvaluationPeriods, DatapointsToAlarm: in.DatapointsToAlarm,
		Threshold: in.Threshold.Or(0), ComparisonOperator: in.ComparisonOperator,
		TreatMissingData: in.TreatMissingData, EvaluateLowSampleCountPercentile: in.LowSampleCount,
		Metrics: slices.Clone(in.Metrics)}
}

// copied is a list that is there, even where nothing is in it.
func copied[T any](list []T) []T { return append([]T{}, list...) }

// DescribeAlarmsInput asks for alarms, in the form of DescribeAlarms.
type DescribeAlarmsInput struct {
	_               struct{}     `unmodelled:"ChildrenOfAlarmName,ParentsOfAlarmName"`
	AlarmNames      []string     `json:"AlarmNames,omitzero"` // absent: all
	AlarmNamePrefix string       `json:"AlarmNamePrefix,omitzero"`
	AlarmTypes      []string     `json:"AlarmTypes,omitzero"` // absent: MetricAlarm
	StateValue      AlarmState   `json:"StateValue,omitzero"`
	ActionPrefix    string       `json:"ActionPrefix,omitzero"`
	MaxRecords      ecs.Opt[int] `json:"MaxRecords,omitzero"` // 1 to 100; absent: 100
	NextToken       string       `json:"NextToken,omitzero"`
}

// DescribeAlarmsOutput is a page of alarms, and the token of the next one, "" after the last. There are no
// composite alarms.
type DescribeAlarmsOutput struct {
	MetricAlarms    []Alarm    `json:"MetricAlarms"`
	CompositeAlarms []struct{} `json:"CompositeAlarms"`
	NextToken       string     `json:"NextToken,omitzero"`
}

// mostRecords is how many alarms, and items of their history, a page has.
// Source: Amazon CloudWatch API Reference, DescribeAlarms.
const mostRecords = 100

// Validate returns nil, or an InvalidParameterValueException for each fault, or an
// InvalidParameterCombinationException for names and a prefix together.
func (in DescribeAlarmsInput) Validate() error {
	var f faults
	if n := len(in.AlarmNames); n > mostRecords {
		f.tooMany("AlarmNames", n, mostRecords)
	}
	if len(in.AlarmNames) > 0 && in.AlarmNamePrefix != "" {
		f.add(InvalidParameterCombination, "AlarmNamePrefix", "AlarmNames and AlarmNamePrefix exclude each other.")
	}
	validateAlarmTypes(&f, in.AlarmTypes)
	validateState(&f, in.StateValue)
	validateRecords(&f, in.MaxRecords)
	return f.err()
}

func validateAlarmTypes(f *faults, list []string) {
	for _, t := range list {
		if t != alarmType && t != "CompositeAlarm" && t != "LogAlarm" {
			f.invalid("AlarmTypes", "%q is not a type of alarm.", t)
		}
	}
}

func validateState(f *faults, state AlarmState) {
	if state != "" && !ecs.Valid(state) {
		f.invalid("StateValue", "StateValue is one of OK, ALARM, INSUFFICIENT_DATA; it is %q.", string(state))
	}
}

func validateRecords(f *faults, n ecs.Opt[int]) {
	if n := n.Or(mostRecords); n < 1 || n > mostRecords {
		f.invalid("MaxRecords", "MaxRecords is between 1 and %d; it is %d.", mostRecords, n)
	}
}

// alarmType is the type of the alarms that there are here.
const alarmType = "MetricAlarm"

// Selects reports whether the input asks for an alarm.
func (in DescribeAlarmsInput) Selects(a Alarm) bool {
	hasPrefix := func(arn string) bool { return strings.HasPrefix(arn, in.ActionPrefix) }
	return (len(in.AlarmTypes) == 0 || slices.Contains(in.AlarmTypes, alarmType)) &&
		(len(in.AlarmNames) == 0 || slices.Contains(in.AlarmNames, a.AlarmName)) &&
		strings.HasPrefix(a.AlarmName, in.AlarmNamePrefix) && (in.StateValue == "" || in.StateValue == a.StateValue) &&
		(in.ActionPrefix == "" || slices.ContainsFunc(a.AlarmActions, hasPrefix) ||
			slices.ContainsFunc(a.OKActions, hasPrefix) || slices.ContainsFunc(a.InsufficientDataActions, hasPrefix))
}

// DescribeAlarmsForMetricInput asks for the alarms on one metric, in the form of DescribeAlarmsForMetric.
type DescribeAlarmsForMetricInput struct {
	MetricName        string            `json:"MetricName"`
	Namespace         string            `json:"Namespace"`
	Dimensions        []MetricDimension `json:"Dimensions,omitzero"`
	Statistic         Statistic         `json:"Statistic,omitzero"`
	ExtendedStatistic string            `json:"ExtendedStatistic,omitzero"`
	Period            ecs.Opt[int]      `json:"Period,omitzero"`
	Unit              Unit              `json:"Unit,omitzero"`
}

// DescribeAlarmsForMetricOutput is all the alarms on a metric.
type DescribeAlarmsForMetricOutput struct {
	MetricAlarms []Alarm `json:"MetricAlarms"`
}

// Validate returns nil, or a MissingRequiredParameterException for each name that is missing.
func (in DescribeAlarmsForMetricInput) Validate() error {
	var f faults
	validateName(&f, "MetricName", in.MetricName)
	validateName(&f, "Namespace", in.Namespace)
	validateDimensions(&f, "Dimensions", in.Dimensions)
	return f.err()
}

// Selects reports whether an alarm is on the metric, with the statistic, period and unit that are given.
// Source: Amazon CloudWatch API Reference, DescribeAlarmsForMetric.
func (in DescribeAlarmsForMetricInput) Selects(a Alarm) bool {
	metric := Metric{Namespace: in.Namespace, MetricName: in.MetricName, Dimensions: in.Dimensions}
	period, given := in.Period.Get()
	return metric.key() == Metric{Namespace: a.Namespace, MetricName: a.MetricName, Dimensions: a.Dimensions}.key() &&
		(in.Statistic == "" || in.Statistic == a.Statistic) && (!given || period == a.Period) &&
		(in.ExtendedStatistic == "" || in.ExtendedStatistic == a.ExtendedStatistic) &&
		(in.Unit == "" || in.Unit == a.Unit)
}

// DescribeAlarmHistoryInput asks for what happened to alarms, in the form of DescribeAlarmHistory.
type DescribeAlarmHistoryInput struct {
	_               struct{}     `unmodelled:"AlarmContributorId"`
	AlarmName       string       `json:"AlarmName,omitzero"` // absent: of all
	AlarmTypes      []string     `json:"AlarmTypes,omitzero"`
	HistoryItemType string       `json:"HistoryItemType,omitzero"`
	StartDate       ecs.Instant  `json:"StartDate,omitzero"`
	EndDate         ecs.Instant  `json:"EndDate,omitzero"`
	MaxRecords      ecs.Opt[int] `json:"MaxRecords,omitzero"` // 1 to 100; absent: 100
	NextToken       string       `json:"NextToken,omitzero"`
	ScanBy          ScanBy       `json:"ScanBy,omitzero"` // absent: TimestampDescending
}

// ScanBy is an order in time.
type ScanBy string

// The values of ScanBy.
const (
	ScanByTimestampDescending ScanBy = "TimestampDescending"
	ScanByTimestampAscending  ScanBy = "TimestampAscending"
)

func (f *faults) scan(by ScanBy) {
	if by != "" && by != ScanByTimestampDescending && by != ScanByTimestampAscending {
		f.invalid("ScanBy", "ScanBy is TimestampDescending or TimestampAscending; it is %q.", string(by))
	}
}

// AlarmHistoryItem is something that happened to an alarm. HistoryData is JSON.
type AlarmHistoryItem struct {
	AlarmName       string      `json:"AlarmName"`
	AlarmType       string      `json:"AlarmType"`
	Timestamp       ecs.Instant `json:"Timestamp"`
	HistoryItemType string      `json:"HistoryItemType"`
	HistorySummary  string      `json:"HistorySummary"`
	HistoryData     string      `json:"HistoryData,omitzero"`
}

// The values of AlarmHistoryItem.HistoryItemType that occur here.
const (
	HistoryConfigurationUpdate = "ConfigurationUpdate"
	HistoryStateUpdate         = "StateUpdate"
	HistoryAction              = "Action"
)

// DescribeAlarmHistoryOutput is a page of a history, and the token of the next one, "" after the last.
type DescribeAlarmHistoryOutput struct {
	AlarmHistoryItems []AlarmHistoryItem `json:"AlarmHistoryItems"`
	NextToken         string             `json:"NextToken,omitzero"`
}

// Validate returns nil, or an InvalidParameterValueException for each fault.
func (in DescribeAlarmHistoryInput) Validate() error {
	var f faults
	validateAlarmTypes(&f, in.AlarmTypes)
	validateRecords(&f, in.MaxRecords)
	f.scan(in.ScanBy)
	known := []string{HistoryConfigurationUpdate, HistoryStateUpdate, HistoryAction, "AlarmContributorStateUpdate",
		"AlarmContributorAction"}
	if t := in.HistoryItemType; t != "" && !slices.Contains(known, t) {
		f.invalid("HistoryItemType", "%q is not a type of item.", t)
	}
	return f.err()
}

// Selects reports whether the input asks for an item. StartDate is included and EndDate is not.
func (in DescribeAlarmHistoryInput) Selects(h AlarmHistoryItem) bool {
	return (in.AlarmName == "" || in.AlarmName == h.AlarmName) &&
		(len(in.AlarmTypes) == 0 || slices.Contains(in.AlarmTypes, alarmType)) &&
		(in.HistoryItemType == "" || in.HistoryItemType == h.HistoryItemType) &&
		(in.StartDate == 0 || h.Timestamp >= in.StartDate) && (in.EndDate == 0 || h.Timestamp < in.EndDate)
}

// Order compares two items in the order that is asked for.
func (in DescribeAlarmHistoryInput) Order(a, b AlarmHistoryItem) int {
	if in.ScanBy == ScanByTimestampAscending {
		return cmp.Compare(a.Timestamp, b.Timestamp)
	}
	return cmp.Compare(b.Timestamp, a.Timestamp)
}
