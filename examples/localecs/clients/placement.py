#!/usr/bin/env python3
"""Placement, failures and rollouts as boto3 sees them.

  go run ./examples/localecs -manual &
  examples/localecs/clients/placement.py http://127.0.0.1:8090
"""
import json
import sys
import urllib.request

try:
    import boto3
except ImportError:
    print("skipped: boto3 is not installed")
    sys.exit(0)

url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8090"
ecs = boto3.client("ecs", endpoint_url=url, region_name="us-east-1", aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret")


def local(path, body=None):
    data = json.dumps(body).encode() if body is not None else b""
    request = urllib.request.Request(url + "/_local/" + path, data=data, headers={"X-Localecs": "1"}, method="POST")
    urllib.request.urlopen(request).read()


def register(family, image="web:1", memory=128):
    ports = [{"containerPort": 80, "hostPort": 0}]
    definition = ecs.register_task_definition(
        family=family, containerDefinitions=[{"name": "web", "image": image, "cpu": 64, "memory": memory, "portMappings": ports}]
    )
    return definition["taskDefinition"]["taskDefinitionArn"]


def described(**filters):
    arns = ecs.list_tasks(**filters)["taskArns"]
    return ecs.describe_tasks(tasks=arns)["tasks"]


def service(name):
    return ecs.describe_services(services=[name])["services"][0]


local("reset")
register("web")

# Six tasks spread two, two, two over three zones, with six ports of the dynamic range.
ecs.create_service(
    serviceName="spread",
    taskDefinition="web",
    desiredCount=6,
    placementStrategy=[{"type": "spread", "field": "attribute:ecs.availability-zone"}],
)
local("advance?by=2m")
tasks = described(serviceName="spread")
zones = sorted(t["availabilityZone"] for t in tasks)
assert zones == ["us-east-1a"] * 2 + ["us-east-1b"] * 2 + ["us-east-1c"] * 2, zones
bindings = [(t["containerInstanceArn"], b["hostPort"]) for t in tasks for c in t["containers"] for b in c["networkBindings"]]
assert len(set(bindings)) == 6 and all(32768 <= port <= 65535 for _, port in bindings), bindings

# distinctInstance, an expression that nothing matches, and one that is none.
out = ecs.run_task(taskDefinition="web", count=4, placementConstraints=[{"type": "distinctInstance"}])
assert len({t["containerInstanceArn"] for t in out["tasks"]}) == 3 and out["failures"], out
nowhere = [{"type": "memberOf", "expression": "attribute:ecs.instance-type == t2.nano"}]
out = ecs.run_task(taskDefinition="web", placementConstraints=nowhere)
assert not out["tasks"] and len(out["failures"]) == 3, out
try:
    ecs.run_task(taskDefinition="web", placementConstraints=[{"type": "memberOf", "expression": "attribute:"}])
    raise AssertionError("an expression that cannot be parsed was taken")
except ecs.exceptions.InvalidParameterException:
    pass

# A task that is larger than every instance.
register("large", memory=100_000)
out = ecs.run_task(taskDefinition="large")
assert not out["tasks"] and {f["reason"] for f in out["failures"]} == {"RESOURCE:MEMORY"}, out

# A service lists its own tasks, and describing changes nothing.
assert len(ecs.list_tasks()["taskArns"]) == 9
assert len(ecs.list_tasks(serviceName="spread")["taskArns"]) == 6
first, second = service("spread"), service("spread")
assert first == second

# A rollout shows two deployments and then one.
ecs.update_service(service="spread", taskDefinition=register("web"))
assert len(service("spread")["deployments"]) == 2
local("advance?by=5m")
assert len(service("spread")["deployments"]) == 1

# The circuit breaker rolls back what cannot be pulled.
breaker = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}
ecs.create_service(serviceName="breaker", taskDefinition="web", desiredCount=2, deploymentConfiguration=breaker)
local("advance?by=2m")
good = service("breaker")["taskDefinition"]
local("behaviour", {"image": "web:bad", "pullError": "not found"})
ecs.update_service(service="breaker", taskDefinition=register("web", image="web:bad"))
local("advance?by=12h")
after = service("breaker")
assert [d["taskDefinition"] for d in after["deployments"]] == [good] and after["runningCount"] == 2, after
print("ok: placement, failures, a rollout and a rollback with boto3", boto3.__version__)
