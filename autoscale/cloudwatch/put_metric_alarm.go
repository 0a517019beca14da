package cloudwatch

// PutMetricAlarmInput makes or replaces an alarm, in the form of CloudWatch's PutMetricAlarm. Its metric is
// one of those that the policies' service is measured by, by name.
type PutMetricAlarmInput struct {
	MetricAlarm
	AlarmActions []string `json:"AlarmActions"` // ARNs of step scaling policies
}
