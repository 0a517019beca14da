#!/usr/bin/env python3
"""AWS Cloud Map as boto3 sees it: the tasks of a service before, during and after a rollout.

  go run ./examples/localecs -manual &
  examples/localecs/clients/discovery.py http://127.0.0.1:8090

boto3 puts data- before the host for DiscoverInstances, unless inject_host_prefix is off.
"""
import sys
import urllib.request

try:
    import boto3
    from botocore.config import Config
except ImportError:
    print("skipped: boto3 is not installed")
    sys.exit(0)

url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8090"


def client(service):
    return boto3.client(service, endpoint_url=url, region_name="us-east-1", aws_access_key_id="AKID", aws_secret_access_key="secret", config=Config(inject_host_prefix=False))


def advance(by):
    urllib.request.urlopen(urllib.request.Request(f"{url}/_local/advance?by={by}", method="POST", headers={"X-Localecs": "1"}))


cloud_map, ecs = client("servicediscovery"), client("ecs")
operation = cloud_map.create_private_dns_namespace(Name="local", Vpc="vpc-1")["OperationId"]
namespace = cloud_map.get_operation(OperationId=operation)["Operation"]["Targets"]["NAMESPACE"]
registry = cloud_map.create_service(Name="web", NamespaceId=namespace, DnsConfig={"DnsRecords": [{"Type": "SRV", "TTL": 10}]}, HealthCheckCustomConfig={"FailureThreshold": 1})["Service"]


def discover():
    found = cloud_map.discover_instances(NamespaceName="local", ServiceName="web")
    return {i["InstanceId"]: i["Attributes"] for i in found["Instances"]}


for image in ("app:1", "app:2"):
    ecs.register_task_definition(family="web", containerDefinitions=[{"name": "app", "image": image, "memory": 64, "portMappings": [{"containerPort": 80}]}])
assert discover() == {}
ecs.create_service(serviceName="web", taskDefinition="web:1", desiredCount=2, serviceRegistries=[{"registryArn": registry["Arn"], "containerName": "app", "containerPort": 80}])
advance("2m")
before = discover()
assert len(before) == 2 and all(a["ECS_SERVICE_NAME"] == "web" and int(a["AWS_INSTANCE_PORT"]) > 0 for a in before.values()), before
tasks = ecs.list_tasks(serviceName="web")["taskArns"]
assert {t.split("/")[-1] for t in tasks} == set(before), tasks
revision = cloud_map.discover_instances_revision(NamespaceName="local", ServiceName="web")["InstancesRevision"]
try:
    cloud_map.delete_service(Id=registry["Id"])
    raise AssertionError("a service with instances was deleted")
except cloud_map.exceptions.ResourceInUse:
    pass

ecs.update_service(service="web", taskDefinition="web:2")
during = set()
for _ in range(120):
    advance("1s")
    found = discover()
    assert len(found) >= 2, "a client finds two at each moment"
    during |= set(found)
after = discover()
assert len(after) == 2 and not set(after) & set(before) and set(after) | set(before) <= during, (before, after)
assert cloud_map.discover_instances_revision(NamespaceName="local", ServiceName="web")["InstancesRevision"] > revision
assert [i["Id"] for p in cloud_map.get_paginator("list_instances").paginate(ServiceId=registry["Id"]) for i in p["Instances"]] == sorted(after)

ecs.update_service(service="web", desiredCount=0)
advance("2m")
assert discover() == {}
ecs.create_cluster(clusterName="c", serviceConnectDefaults={"namespace": "internal"})
names = {n["Name"]: n["Type"] for n in cloud_map.list_namespaces()["Namespaces"]}
assert names == {"local": "DNS_PRIVATE", "internal": "HTTP"}, names
assert ecs.list_services_by_namespace(namespace="internal")["serviceArns"] == []
cloud_map.delete_service(Id=registry["Id"])
cloud_map.delete_namespace(Id=namespace)
print("ok: instances before, during and after a rollout")
