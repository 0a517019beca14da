#!/usr/bin/env python3
"""Amazon ECR as boto3 sees it, and tasks of images that a repository has and lacks.

  go run ./examples/localecs -manual &
  examples/localecs/clients/ecr.py http://127.0.0.1:8090
"""
import base64
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
    return boto3.client(service, endpoint_url=url, region_name="us-east-1", aws_access_key_id="AKID", aws_secret_access_key="secret")


def advance(by):
    urllib.request.urlopen(urllib.request.Request(f"{url}/_local/advance?by={by}", method="POST", headers={"X-Localecs": "1"}))


ecr, ecs = client("ecr"), client("ecs")
uri = ecr.create_repository(repositoryName="team/web", imageTagMutability="IMMUTABLE")["repository"]["repositoryUri"]
media = "application/vnd.oci.image.manifest.v1+json"
manifest = json.dumps({"schemaVersion": 2, "mediaType": media, "config": {"digest": "sha256:c", "size": 7}, "layers": []})
digest = ecr.put_image(repositoryName="team/web", imageManifest=manifest, imageTag="1")["image"]["imageId"]["imageDigest"]
try:
    ecr.put_image(repositoryName="team/web", imageManifest=manifest + " ", imageTag="1")
    raise AssertionError("an immutable tag was set a second time")
except ecr.exceptions.ImageTagAlreadyExistsException as error:
    assert "cannot be overwritten" in str(error), error
(image,) = ecr.describe_images(repositoryName="team/web")["imageDetails"]
assert image["imageDigest"] == digest and image["imageTags"] == ["1"] and image["imageSizeInBytes"] == 7, image
assert [r["repositoryName"] for p in ecr.get_paginator("describe_repositories").paginate() for r in p["repositories"]] == ["team/web"]
(token,) = ecr.get_authorization_token()["authorizationData"]
user, password = base64.b64decode(token["authorizationToken"]).decode().split(":")
assert user == "AWS" and len(password) >= 32, user


def run(image):
    ecs.register_task_definition(family="f", executionRoleArn="arn:aws:iam::123456789012:role/r", containerDefinitions=[{"name": "c", "image": image, "memory": 10}])
    arn = ecs.run_task(taskDefinition="f")["tasks"][0]["taskArn"]
    advance("1m")
    return ecs.describe_tasks(tasks=[arn])["tasks"][0]


assert run(f"{uri}:1")["lastStatus"] == "RUNNING"
assert run(f"{uri}@{digest}")["lastStatus"] == "RUNNING"
task = run(f"{uri}:2")
assert task["stopCode"] == "TaskFailedToStart" and task["stoppedReason"].startswith("CannotPullContainerError: "), task
print("ok: repositories, images, and a task whose image is missing")
