#!/usr/bin/env python3
"""A canary deployment behind a real load balancer, as boto3 sees it; an alarm rolls it back.

  go run ./examples/localecs -manual -instances 2 &
  examples/localecs/clients/balancers.py http://127.0.0.1:8090
"""
import sys
import urllib.request

try:
    import boto3
except ImportError:
    print("skipped: boto3 is not installed")
    sys.exit(0)

url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8090"


def client(service):
    return boto3.client(service, endpoint_url=url, region_name="us-east-1", aws_access_key_id="AKIDEXAMPLE",
                        aws_secret_access_key="secret")


def advance(by):
    urllib.request.urlopen(urllib.request.Request(f"{url}/_local/advance?by={by}", method="POST",
                                                  headers={"X-Localecs": "1"})).read()


elb, ecs, cloudwatch = client("elbv2"), client("ecs"), client("cloudwatch")
blue, green = (elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId="vpc-1")["TargetGroups"][0]["TargetGroupArn"]
               for name in ("canary-blue", "canary-green"))
balancer = elb.create_load_balancer(Name="canary", Subnets=[f"subnet-0000000{n}" for n in (1, 2, 3)])["LoadBalancers"][0]
elb.get_waiter("load_balancer_available").wait(LoadBalancerArns=[balancer["LoadBalancerArn"]])
listener = elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[
    {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}])["Listeners"][0]["ListenerArn"]
rule = elb.create_rule(ListenerArn=listener, Priority=1, Conditions=[{"Field": "path-pattern", "Values": ["/*"]}], Actions=[
    {"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": blue, "Weight": 100},
                                                           {"TargetGroupArn": green, "Weight": 0}]}}])["Rules"][0]["RuleArn"]


def weights():
    action = elb.describe_rules(RuleArns=[rule])["Rules"][0]["Actions"][0]
    return [g["Weight"] for g in action["ForwardConfig"]["TargetGroups"]]


def revise(image):
    ecs.register_task_definition(family="canary", containerDefinitions=[
        {"name": "web", "image": image, "memory": 64, "portMappings": [{"containerPort": 80, "hostPort": 0}]}])


revise("web:1")
ecs.create_service(serviceName="canary", taskDefinition="canary", desiredCount=2, loadBalancers=[
    {"targetGroupArn": blue, "containerName": "web", "containerPort": 80, "advancedConfiguration": {
        "alternateTargetGroupArn": green, "productionListenerRule": rule, "roleArn": "arn:aws:iam::123456789012:role/lb"}}],
    deploymentConfiguration={"strategy": "CANARY", "bakeTimeInMinutes": 5,
                             "canaryConfiguration": {"canaryPercent": 10, "canaryBakeTimeInMinutes": 10},
                             "alarms": {"alarmNames": ["canary-errors"], "enable": True, "rollback": True}})
advance("10m")
assert weights() == [100, 0], weights()


def deploy(image):
    revise(image)
    ecs.update_service(service="canary", taskDefinition="canary")
    advance("5m")
    return ecs.list_service_deployments(service="canary")["serviceDeployments"][0]["serviceDeploymentArn"]


def described(arn):
    return ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]


deployment = deploy("web:2")
assert weights() == [90, 10], weights()
assert described(deployment)["targetServiceRevision"]["requestedProductionTrafficWeight"] == 10
advance("30m")
assert weights() == [0, 100], weights()
assert described(deployment)["status"] == "SUCCESSFUL"

deployment = deploy("web:3")
assert weights() == [10, 90], weights()
terms = {"Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "GreaterThanThreshold"}
cloudwatch.put_metric_alarm(AlarmName="canary-errors", Namespace="app", MetricName="errors", **terms)
cloudwatch.set_alarm_state(AlarmName="canary-errors", StateValue="ALARM", StateReason="test")
advance("10m")
assert weights() == [0, 100], weights()
assert described(deployment)["status"] == "ROLLBACK_SUCCESSFUL"
classic = client("elb")
name = classic.create_load_balancer(LoadBalancerName="classic", AvailabilityZones=["us-east-1a"], Listeners=[
    {"Protocol": "HTTP", "LoadBalancerPort": 80, "InstancePort": 8080}])["DNSName"]
described_classic = classic.describe_load_balancers(LoadBalancerNames=["classic"])["LoadBalancerDescriptions"][0]
assert described_classic["DNSName"] == name and described_classic["HealthCheck"]["Target"] == "TCP:8080"
assert classic.describe_instance_health(LoadBalancerName="classic")["InstanceStates"] == []
try:
    classic.describe_instance_health(LoadBalancerName="none")
    raise SystemExit("a Classic Load Balancer that is not there is described")
except classic.exceptions.AccessPointNotFoundException:
    pass
print("ok: a Classic Load Balancer")
print("ok: a canary behind a real listener rule, and its rollback by an alarm")
