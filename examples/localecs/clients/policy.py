#!/usr/bin/env python3
"""A role that may update the services of one cluster only, as boto3 sees it.

  go run ./examples/localecs -manual -policy AKIDEXAMPLE=examples/localecs/clients/everything.json \\
    -policy AKIDROLE=examples/localecs/clients/one-cluster.json &
  examples/localecs/clients/policy.py http://127.0.0.1:8090
"""
import sys

try:
    import boto3
except ImportError:
    print("skipped: boto3 is not installed")
    sys.exit(0)

url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8090"


def client(service, key):
    return boto3.client(service, endpoint_url=url, region_name="us-east-1", aws_access_key_id=key, aws_secret_access_key="secret")


def denied(call, code, **arguments):
    try:
        call(**arguments)
    except call.__self__.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response
        return error.response["Error"]["Message"], error.response["ResponseMetadata"]["HTTPStatusCode"]
    raise AssertionError("%s %s was allowed" % (call.__name__, arguments))


admin, role = client("ecs", "AKIDEXAMPLE"), client("ecs", "AKIDROLE")
admin.register_task_definition(family="web", containerDefinitions=[{"name": "web", "image": "web:1", "memory": 64}])
for cluster in ("prod", "dev"):
    admin.create_cluster(clusterName=cluster)
    admin.create_service(cluster=cluster, serviceName="web", taskDefinition="web", desiredCount=0)

assert role.update_service(cluster="prod", service="web", desiredCount=1)["service"]["desiredCount"] == 1
assert role.describe_services(cluster="prod", services=["web"])["services"][0]["desiredCount"] == 1
text, status = denied(role.update_service, "AccessDeniedException", cluster="dev", service="web", desiredCount=1)
assert status == 400 and text == (
    "User: arn:aws:iam::123456789012:user/AKIDROLE is not authorized to perform: ecs:UpdateService on resource: "
    "arn:aws:ecs:us-east-1:123456789012:service/dev/web because no identity-based policy allows the ecs:UpdateService action"), text
denied(role.describe_services, "AccessDeniedException", cluster="dev", services=["web"])
denied(role.delete_service, "AccessDeniedException", cluster="prod", service="web")
denied(role.run_task, "AccessDeniedException", cluster="prod", taskDefinition="web")
denied(role.list_clusters, "AccessDeniedException")
denied(client("ecs", "AKIDOTHER").update_service, "AccessDeniedException", cluster="prod", service="web", desiredCount=2)
assert admin.describe_services(cluster="dev", services=["web"])["services"][0]["desiredCount"] == 0

# The services around ECS, with each protocol's own error.
scaling = client("autoscaling", "AKIDROLE")
assert scaling.describe_auto_scaling_groups()["AutoScalingGroups"] == []
text, status = denied(scaling.create_launch_configuration, "AccessDenied", LaunchConfigurationName="x", InstanceType="m5.large", ImageId="ami-1")
assert status == 403 and "autoscaling:CreateLaunchConfiguration" in text, (status, text)
text, _ = denied(client("cloudwatch", "AKIDROLE").describe_alarms, "AccessDenied")
assert "cloudwatch:DescribeAlarms" in text, text
text, status = denied(client("codedeploy", "AKIDROLE").list_applications, "AccessDeniedException")
assert status == 400 and "codedeploy:ListApplications" in text, (status, text)
print("ok: a role that may update one cluster only, with boto3", boto3.__version__)
