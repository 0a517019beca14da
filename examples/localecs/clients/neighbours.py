#!/usr/bin/env python3
"""AWS STS and Amazon CloudWatch as boto3 sees them.

  go run ./examples/localecs -manual &
  examples/localecs/clients/neighbours.py http://127.0.0.1:8090
"""
import sys

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
cloudwatch.set_alarm_state(AlarmName="errors", StateValue="ALARM", StateReason="test")
try:
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="RED", StateReason="test")
    raise AssertionError("a state that does not exist was taken")
except cloudwatch.exceptions.InvalidParameterValueException as error:
    assert error.response["Error"]["Code"] == "InvalidParameterValue", error.response
print("ok: who calls, metrics and alarms")
