#!/usr/bin/env python3
"""AWS STS and Amazon CloudWatch as boto3 sees them.

  go run ./examples/localecs -manual &
  examples/localecs/clients/neighbours.py http://127.0.0.1:8090
"""
import datetime
import sys
import urllib.request

try:
    import boto3
except ImportError:
    print("skipped: boto3 is not installed")
    sys.exit(0)

url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8090"


def client(service, key="AKIDEXAMPLE"):
    return boto3.client(service, endpoint_url=url, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key="secret")


who = client("sts").get_caller_identity()
assert who["Arn"].endswith(":user/AKIDEXAMPLE"), who
cloudwatch = client("cloudwatch")
dimensions = [{"Name": "ClusterName", "Value": "default"}, {"Name": "ServiceName", "Value": "web"}]
datum = {"MetricName": "backlog", "Value": 1.5, "Dimensions": dimensions}
for count in (1, 900):  # the second is compressed
    cloudwatch.put_metric_data(Namespace="app", MetricData=[datum] * count)
try:
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")
    raise AssertionError("an alarm that does not exist was set")
except cloudwatch.exceptions.ResourceNotFound as error:
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 404, error.response
rule = {"Statistic": "Average", "Period": 60, "EvaluationPeriods": 1, "ComparisonOperator": "GreaterThanThreshold"}
cloudwatch.put_metric_alarm(AlarmName="errors", Namespace="app", MetricName="errors", Threshold=1.5, **rule)
cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")
assert cloudwatch.describe_alarms(StateValue="ALARM")["MetricAlarms"][0]["AlarmName"] == "errors"
try:
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="RED", StateReason="test")
    raise AssertionError("a state that does not exist was taken")
except cloudwatch.exceptions.InvalidParameterValueException as error:
    assert error.response["Error"]["Code"] == "InvalidParameterValue", error.response


# Step scaling by an alarm on a metric that was put.
def local(path):
    request = urllib.request.Request(url + "/_local/" + path, data=b"", headers={"X-Localecs": "1"}, method="POST")
    urllib.request.urlopen(request).read()


ecs, scaling = client("ecs"), client("application-autoscaling")
container = {"name": "web", "image": "web:1", "memory": 64}
ecs.register_task_definition(family="steps", containerDefinitions=[container])
ecs.create_service(serviceName="steps", taskDefinition="steps", desiredCount=1)
local("advance?by=2m")
target = {"ServiceNamespace": "ecs", "ResourceId": "service/default/steps", "ScalableDimension": "ecs:service:DesiredCount"}
arn = scaling.register_scalable_target(MinCapacity=1, MaxCapacity=4, Tags={"team": "blue"}, **target)["ScalableTargetARN"]
assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"team": "blue"}
steps = {"AdjustmentType": "ChangeInCapacity", "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 2}]}
policy = scaling.put_scaling_policy(PolicyName="out", PolicyType="StepScaling", StepScalingPolicyConfiguration=steps, **target)
queue = [{"Name": "Queue", "Value": "q"}]
cloudwatch.put_metric_alarm(AlarmName="deep", Namespace="app", MetricName="depth", Dimensions=queue, Threshold=10, AlarmActions=[policy["PolicyARN"]], **rule)
cloudwatch.put_metric_data(Namespace="app", MetricData=[{"MetricName": "depth", "Value": 25, "Dimensions": queue}])
local("advance?by=2m")
assert ecs.describe_services(services=["steps"])["services"][0]["desiredCount"] == 3
activities = scaling.describe_scaling_activities(ServiceNamespace="ecs")["ScalingActivities"]
assert activities[0]["Cause"] == "monitor alarm deep in state ALARM triggered policy out", activities
history = cloudwatch.describe_alarm_history(AlarmName="deep", HistoryItemType="StateUpdate")["AlarmHistoryItems"]
assert any(h["HistorySummary"] == "Alarm updated from INSUFFICIENT_DATA to ALARM" for h in history), history
query = {"Id": "m", "MetricStat": {"Metric": {"Namespace": "app", "MetricName": "depth", "Dimensions": queue}, "Period": 60, "Stat": "Sum"}}
now = activities[0]["StartTime"]
data = cloudwatch.get_metric_data(MetricDataQueries=[query], StartTime=now - datetime.timedelta(hours=1), EndTime=now + datetime.timedelta(hours=1))
assert data["MetricDataResults"][0]["Values"] == [25.0], data
print("ok: who calls, metrics and alarms, and step scaling by an alarm")
