#!/usr/bin/env python3
"""Deploys with boto3, and watches the deployment that it began.

  go run ./examples/drill -scenario 1,2,5a -- examples/drill/stub/watch.py {{.Cluster}} {{.Service}} {{.TaskDefinition}}
"""
import json
import sys
import time

import boto3

cluster, service, definition = sys.argv[1:4]
ecs = boto3.client("ecs")
with open(definition) as file:
    revision = ecs.register_task_definition(**json.load(file))["taskDefinition"]["taskDefinitionArn"]
updated = ecs.update_service(cluster=cluster, service=service, taskDefinition=revision)["service"]
mine = next(d["id"] for d in updated["deployments"] if d["status"] == "PRIMARY")
for _ in range(40):
    deployments = ecs.describe_services(cluster=cluster, services=[service])["services"][0]["deployments"]
    state = next((d["rolloutState"] for d in deployments if d["id"] == mine), "gone")
    if state in ("FAILED", "gone"):
        sys.exit(f"the deployment {mine} is {state}")
    if state == "COMPLETED" and len(deployments) == 1:
        print("the deployment is COMPLETED")
        sys.exit(0)
    time.sleep(1)
sys.exit(f"the deployment {mine} is still {state}")
