package cloudwatch

// PutMetricAlarmInput makes or replaces an alarm, in the form of CloudWatch's PutMetricAlarm. MetricName
// names one of the metrics of the service that the policies scale.
type PutMetricAlarmInput struct {
	MetricAlarm
	AlarmActions []string `json:"AlarmActions"` // ARNs of step scaling policies
}
