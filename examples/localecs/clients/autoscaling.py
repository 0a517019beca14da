#!/usr/bin/env python3
"""An Auto Scaling group of 0 whose capacity provider brings instances, as boto3 sees it.

  go run ./examples/localecs -manual -instances 0 &
  examples/localecs/clients/autoscaling.py http://127.0.0.1:8090
"""
import base64
import datetime
import sys
import urllib.request

try:
    import boto3
except ImportError:
    print("skipped: boto3 is not installed")
    sys.exit(0)

url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8090"


def client(service):
    return boto3.client(service, endpoint_url=url, region_name="us-east-1", aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret")


def local(path):
    request = urllib.request.Request(url + "/_local/" + path, data=b"", headers={"X-Localecs": "1"}, method="POST")
    urllib.request.urlopen(request).read()


def timeline():
    return urllib.request.urlopen(url + "/_local/timeline").read().decode()


def group():
    return scaling.describe_auto_scaling_groups(AutoScalingGroupNames=["web-asg"])["AutoScalingGroups"][0]


def states():
    return sorted(i["LifecycleState"] for i in group()["Instances"])


def service():
    return ecs.describe_services(cluster="prod", services=["web"])["services"][0]


def instances():
    arns = ecs.list_container_instances(cluster="prod")["containerInstanceArns"]
    return ecs.describe_container_instances(cluster="prod", containerInstances=arns)["containerInstances"] if arns else []


ecs, scaling, cloudwatch = client("ecs"), client("autoscaling"), client("cloudwatch")

# A launch configuration says which type is started, and its user data which cluster it joins.
script = "#!/bin/bash\necho ECS_CLUSTER=prod >> /etc/ecs/ecs.config\n"
scaling.create_launch_configuration(LaunchConfigurationName="ecs", ImageId="ami-0123456789abcdef0", InstanceType="m5.large", UserData=script)
shown = scaling.describe_launch_configurations()["LaunchConfigurations"][0]
assert base64.b64decode(shown["UserData"]).decode() == script, shown

scaling.create_auto_scaling_group(
    AutoScalingGroupName="web-asg",
    LaunchConfigurationName="ecs",
    MinSize=0,
    MaxSize=5,
    AvailabilityZones=["us-east-1a", "us-east-1b"],
    NewInstancesProtectedFromScaleIn=True,
    Tags=[{"Key": "team", "Value": "blue", "PropagateAtLaunch": True}],
)
try:
    scaling.create_auto_scaling_group(AutoScalingGroupName="web-asg", LaunchConfigurationName="ecs", MinSize=0, MaxSize=1, AvailabilityZones=["us-east-1a"])
    raise AssertionError("a second group of that name was made")
except scaling.exceptions.AlreadyExistsFault:
    pass
arn = group()["AutoScalingGroupARN"]

ecs.create_capacity_provider(
    name="web",
    autoScalingGroupProvider={
        "autoScalingGroupArn": arn,
        "managedScaling": {"status": "ENABLED", "targetCapacity": 100},
        "managedTerminationProtection": "ENABLED",
        "managedDraining": "ENABLED",
    },
)
strategy = [{"capacityProvider": "web", "weight": 1}]
ecs.create_cluster(clusterName="prod", capacityProviders=["web"], defaultCapacityProviderStrategy=strategy)
ecs.register_task_definition(family="web", containerDefinitions=[{"name": "web", "image": "web:1", "cpu": 512, "memory": 512}])
ecs.create_service(cluster="prod", serviceName="web", taskDefinition="web", desiredCount=12)
assert service()["runningCount"] == 0, service()
assert states() == []

# From zero it is two instances, and then as many as the twelve tasks need, four on each.
local("advance?by=61s")
assert group()["DesiredCapacity"] == 2 and "Pending" in states(), group()
assert [t["Key"] for t in group()["Tags"]] == ["AmazonECSManaged", "team"], group()["Tags"]
local("advance?by=15m")
assert states() == ["InService"] * 3, states()
assert service()["runningCount"] == 12, service()
assert {i["capacityProviderName"] for i in instances()} == {"web"}
assert all(i["ProtectedFromScaleIn"] for i in group()["Instances"]), group()["Instances"]
policy = scaling.describe_policies(AutoScalingGroupName="web-asg")["ScalingPolicies"][0]
assert policy["PolicyName"].startswith("ECSManagedAutoScalingPolicy-") and len(policy["Alarms"]) == 2, policy
assert "CapacityProviderReservation" in timeline(), timeline()[-2000:]


def measured(namespace, name, **dimensions):
    """The values of a metric, a minute each, oldest first."""
    metric = {"Namespace": namespace, "MetricName": name, "Dimensions": [{"Name": k, "Value": v} for k, v in dimensions.items()]}
    query = {"Id": "m", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Average"}}
    start, end = datetime.datetime(2020, 1, 1), datetime.datetime(2040, 1, 1)
    return cloudwatch.get_metric_data(MetricDataQueries=[query], StartTime=start, EndTime=end, ScanBy="TimestampAscending")["MetricDataResults"][0]["Values"]


# CloudWatch has the reservation over time, the alarms on it, and what the tasks reserve of the cluster.
reservation = measured("AWS/ECS/ManagedScaling", "CapacityProviderReservation", CapacityProviderName="web", ClusterName="prod")
assert reservation[0] == 200 and reservation[-1] == 100, reservation
alarms = cloudwatch.describe_alarms(AlarmNamePrefix="TargetTracking-web-asg-")["MetricAlarms"]
assert [a["AlarmName"] for a in alarms] == sorted(a["AlarmName"] for a in policy["Alarms"]), (alarms, policy)
assert alarms[0]["AlarmActions"] == [policy["PolicyARN"]] and alarms[0]["MetricName"] == "CapacityProviderReservation", alarms
reserved = measured("AWS/ECS", "CPUReservation", ClusterName="prod")
assert reserved[-1] == 100 * 12 * 512 / (3 * 2048), reserved
assert measured("AWS/ECS", "MemoryReservation", ClusterName="prod")[-1] > 0

# Two tasks are left: the instances without tasks drain and go, the one with tasks stays.
ecs.update_service(cluster="prod", service="web", desiredCount=2)
local("advance?by=45m")
left = group()["Instances"]
assert service()["runningCount"] == 2, service()
busy = [i["ec2InstanceId"] for i in instances() if i["runningTasksCount"] > 0]
assert sorted(i["InstanceId"] for i in left) == sorted(busy), (left, busy)
assert group()["DesiredCapacity"] == len(busy) < 3, group()
activities = scaling.describe_scaling_activities(AutoScalingGroupName="web-asg")["Activities"]
assert activities[0]["Description"].startswith("Terminating EC2 instance: i-"), activities[0]
assert "-AlarmLow-" in activities[0]["Cause"], activities[0]["Cause"]
reservation = measured("AWS/ECS/ManagedScaling", "CapacityProviderReservation", CapacityProviderName="web", ClusterName="prod")
assert min(reservation) < 100 == reservation[-1], reservation

# The last tasks stop, and the last instances go.
ecs.update_service(cluster="prod", service="web", desiredCount=0)
local("advance?by=45m")
assert states() == [] and group()["DesiredCapacity"] == 0, group()
assert not instances()
try:
    scaling.set_desired_capacity(AutoScalingGroupName="web-asg", DesiredCapacity=9)
    raise AssertionError("more than the maximum was taken")
except scaling.exceptions.ClientError as error:
    assert error.response["Error"]["Message"] == "New SetDesiredCapacity value 9 is above max value 5 for the AutoScalingGroup."

# A group without a provider, which an alarm scales by a step policy.
scaling.create_auto_scaling_group(AutoScalingGroupName="steps", LaunchConfigurationName="ecs", MinSize=1, MaxSize=4, AvailabilityZones=["us-east-1a"])
steps = [{"MetricIntervalLowerBound": 0, "MetricIntervalUpperBound": 20, "ScalingAdjustment": 1}, {"MetricIntervalLowerBound": 20, "ScalingAdjustment": 2}]
arn = scaling.put_scaling_policy(AutoScalingGroupName="steps", PolicyName="out", PolicyType="StepScaling", AdjustmentType="ChangeInCapacity",
                                 StepAdjustments=steps)["PolicyARN"]
cloudwatch.put_metric_alarm(AlarmName="deep", Namespace="app", MetricName="depth", Statistic="Average", Period=60, EvaluationPeriods=1, Threshold=10,
                            ComparisonOperator="GreaterThanThreshold", TreatMissingData="notBreaching", AlarmActions=[arn])
local("advance?by=10m")
cloudwatch.put_metric_data(Namespace="app", MetricData=[{"MetricName": "depth", "Value": 35}])
local("advance?by=5m")
grown = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=["steps"])["AutoScalingGroups"][0]
assert grown["DesiredCapacity"] == 3, grown
causes = [a["Cause"] for a in scaling.describe_scaling_activities(AutoScalingGroupName="steps")["Activities"]]
assert any("a monitor alarm deep in state ALARM triggered policy out changing the desired capacity from 1 to 3" in c for c in causes), causes
print("ok: a capacity provider brings instances and lets them go, with boto3", boto3.__version__)
