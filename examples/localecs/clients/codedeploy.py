#!/usr/bin/env python3
"""AWS CodeDeploy in front of real listeners, as boto3 sees it: all at once, linear, and a canary whose hook fails.

  go run ./examples/localecs -manual &
  examples/localecs/clients/codedeploy.py http://127.0.0.1:8090
"""
import hashlib
import json
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


def local(path, body=None):
    data = json.dumps(body).encode() if body else b""
    request = urllib.request.Request(url + "/_local/" + path, data=data, headers={"X-Localecs": "1"}, method="POST")
    urllib.request.urlopen(request).read()


elb, ecs, deploy = client("elbv2"), client("ecs"), client("codedeploy")

# A load balancer with a production listener, which has a rule besides its default one, and a test listener.
groups = [elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId="vpc-1")["TargetGroups"][0]["TargetGroupArn"]
          for name in ("cd-blue", "cd-green")]
balancer = elb.create_load_balancer(Name="codedeploy", Subnets=["subnet-00000001", "subnet-00000002", "subnet-00000003"])["LoadBalancers"][0]
forward = [{"Type": "forward", "TargetGroupArn": groups[0]}]
production, test = (
    elb.create_listener(LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=port, DefaultActions=forward)["Listeners"][0]["ListenerArn"]
    for port in (80, 8080)
)
elb.create_rule(ListenerArn=production, Priority=1, Conditions=[{"Field": "path-pattern", "Values": ["/api/*"]}], Actions=forward)
elb.create_rule(ListenerArn=production, Priority=2, Conditions=[{"Field": "path-pattern", "Values": ["/health"]}],
                Actions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}])


def weights(listener):
    """The weights of blue and green in each rule that forwards."""
    shown = []
    for rule in elb.describe_rules(ListenerArn=listener)["Rules"]:
        forward = rule["Actions"][0].get("ForwardConfig")
        if forward:
            of = {g["TargetGroupArn"]: g["Weight"] for g in forward["TargetGroups"]}
            shown.append(tuple(of.get(g, 0) for g in groups))
    return shown


def revise(image):
    return ecs.register_task_definition(family="cd", containerDefinitions=[
        {"name": "web", "image": image, "memory": 64, "portMappings": [{"containerPort": 80, "hostPort": 0}]}])["taskDefinition"]["taskDefinitionArn"]


ecs.create_service(
    serviceName="cd",
    taskDefinition=revise("web:1"),
    desiredCount=2,
    deploymentController={"type": "CODE_DEPLOY"},
    loadBalancers=[{"targetGroupArn": groups[0], "containerName": "web", "containerPort": 80}],
)
local("advance?by=5m")


def service():
    return ecs.describe_services(services=["cd"])["services"][0]


def sets():
    return {(t["status"], t.get("externalId", "")): t["runningCount"] for t in service()["taskSets"]}


assert sets() == {("PRIMARY", ""): 2}, service()["taskSets"]
assert not service().get("deployments"), service()["deployments"]

deploy.create_application(applicationName="app", computePlatform="ECS")
assert deploy.get_application(applicationName="app")["application"]["computePlatform"] == "ECS"
deploy.create_deployment_group(
    applicationName="app",
    deploymentGroupName="group",
    serviceRoleArn="arn:aws:iam::123456789012:role/codedeploy",
    ecsServices=[{"clusterName": "default", "serviceName": "cd"}],
    deploymentStyle={"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
    blueGreenDeploymentConfiguration={
        "terminateBlueInstancesOnDeploymentSuccess": {"action": "TERMINATE", "terminationWaitTimeInMinutes": 5},
        "deploymentReadyOption": {"actionOnTimeout": "CONTINUE_DEPLOYMENT", "waitTimeInMinutes": 0},
    },
    autoRollbackConfiguration={"enabled": True, "events": ["DEPLOYMENT_FAILURE"]},
    loadBalancerInfo={"targetGroupPairInfoList": [{
        "targetGroups": [{"name": "cd-blue"}, {"name": "cd-green"}],
        "prodTrafficRoute": {"listenerArns": [production]},
        "testTrafficRoute": {"listenerArns": [test]},
    }]},
)
try:
    deploy.create_deployment_group(applicationName="none", deploymentGroupName="group", serviceRoleArn="arn:aws:iam::123456789012:role/x")
    raise AssertionError("a group of an application that does not exist was made")
except deploy.exceptions.ApplicationDoesNotExistException:
    pass


def begin(config, image, hooks=()):
    content = json.dumps({
        "version": 0.0,
        "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": {
            "TaskDefinition": revise(image), "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 80}}}}],
        "Hooks": list(hooks),
    })
    sha256 = hashlib.sha256(content.encode()).hexdigest()
    revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": content, "sha256": sha256}}
    return deploy.create_deployment(applicationName="app", deploymentGroupName="group", deploymentConfigName=config, revision=revision)["deploymentId"]


def info(deployment):
    return deploy.get_deployment(deploymentId=deployment)["deploymentInfo"]


def target(deployment):
    ids = deploy.list_deployment_targets(deploymentId=deployment)["targetIds"]
    assert ids == ["default:cd"], ids
    return deploy.get_deployment_target(deploymentId=deployment, targetId=ids[0])["deploymentTarget"]["ecsTarget"]


def seen(deployment, minutes):
    """The weights of the production listener, each as it changes."""
    shown = []
    for _ in range(minutes * 4):
        local("advance?by=15s")
        now = weights(production)
        assert now[0] == now[1], now  # the default rule and the other one move together
        if not shown or shown[-1] != now[0]:
            shown.append(now[0])
    return shown


# All at once: green is put behind both listeners, and gets all of the traffic once it is healthy; blue stays for five
# minutes.
assert weights(production) == [(1, 0), (1, 0)], weights(production)
deployment = begin("CodeDeployDefault.ECSAllAtOnce", "web:2")
assert weights(production) == [(100, 0), (100, 0)] and weights(test) == [(100, 0)], (weights(production), weights(test))
try:
    begin("CodeDeployDefault.ECSAllAtOnce", "web:2")
    raise AssertionError("a second deployment of the group was begun")
except deploy.exceptions.DeploymentLimitExceededException:
    pass
local("advance?by=1m")
assert weights(production) == [(0, 100), (0, 100)] and weights(test) == [(0, 100)], (weights(production), weights(test))
assert sets() == {("PRIMARY", deployment): 2, ("ACTIVE", ""): 2}, sets()
made = next(t for t in service()["taskSets"] if t["status"] == "PRIMARY")
assert made["startedBy"] == "CODE_DEPLOY" and made["scale"] == {"value": 100.0, "unit": "PERCENT"}, made
assert made["loadBalancers"][0]["targetGroupArn"] == groups[1], made
local("advance?by=10m")
deploy.get_waiter("deployment_successful").wait(deploymentId=deployment)
assert sets() == {("PRIMARY", deployment): 2}, sets()
assert {e["status"] for e in target(deployment)["lifecycleEvents"]} == {"Succeeded"}, target(deployment)

# Linear: a tenth each minute, back to the first target group.
deployment = begin("CodeDeployDefault.ECSLinear10PercentEvery1Minutes", "web:3")
shares = [round(100 * blue / (blue + green)) for blue, green in seen(deployment, 25)]
assert shares == list(range(10, 101, 10)), shares
assert info(deployment)["status"] == "Succeeded", info(deployment)

# A canary whose hook says that it failed: the traffic goes back, and green goes.
local("hooks", {"function": "arn:aws:lambda:us-east-1:123456789012:function:check", "status": "IN_PROGRESS"})
deployment = begin("CodeDeployDefault.ECSCanary10Percent5Minutes", "web:4", [{"AfterAllowTraffic": "check"}])
shares = [round(100 * green / (blue + green)) for blue, green in seen(deployment, 8)]
assert shares == [10, 100], shares
under_way = [e for e in target(deployment)["lifecycleEvents"] if e["status"] == "InProgress"]
assert [e["lifecycleEventName"] for e in under_way] == ["AfterAllowTraffic"], under_way
execution = under_way[0]["diagnostics"]["message"].split()[1]
try:
    deploy.put_lifecycle_event_hook_execution_status(deploymentId=deployment, lifecycleEventHookExecutionId="x", status="Failed")
    raise AssertionError("a hook that is not there reported")
except deploy.exceptions.InvalidLifecycleEventHookExecutionIdException:
    pass
deploy.put_lifecycle_event_hook_execution_status(deploymentId=deployment, lifecycleEventHookExecutionId=execution, status="Failed")
local("advance?by=10m")
failed = info(deployment)
assert failed["status"] == "Failed" and failed["errorInformation"]["code"] == "HOOK_EXECUTION_FAILURE", failed
rollback = info(failed["rollbackInfo"]["rollbackDeploymentId"])
assert rollback["creator"] == "codeDeployRollback" and rollback["status"] == "Succeeded", rollback
assert weights(production)[0][1] == 0 and weights(test)[0][1] == 0, (weights(production), weights(test))
assert service()["taskDefinition"].endswith("cd:%d" % (int(made["taskDefinition"].split(":")[-1]) + 2)), service()["taskDefinition"]
assert len(sets()) == 1 and list(sets().values()) == [2], sets()
print("ok: AWS CodeDeploy all at once, linear, and a canary whose hook fails, with boto3", boto3.__version__)
