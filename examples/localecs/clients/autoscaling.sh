#!/bin/bash
# An Auto Scaling group and its capacity provider, with the AWS command line.
#
#   go run ./examples/localecs -manual -instances 0 &
#   examples/localecs/clients/autoscaling.sh http://127.0.0.1:8090
set -eu -o pipefail

url=${1:-http://127.0.0.1:8090}
command -v aws >/dev/null || { echo "skipped: the AWS CLI is not installed"; exit 0; }
export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret AWS_DEFAULT_REGION=us-east-1 AWS_PAGER=
scaling() { aws autoscaling --endpoint-url "$url" --output text "$@"; }
ecs() { aws ecs --endpoint-url "$url" --output text "$@"; }
is() { [ "$2" = "$3" ] || { echo "$1: $2 and not $3"; exit 1; }; }

scaling create-auto-scaling-group --auto-scaling-group-name cli --launch-template LaunchTemplateName=c5.xlarge \
  --min-size 0 --max-size 3 --availability-zones us-east-1a us-east-1b
arn=$(scaling describe-auto-scaling-groups --query 'AutoScalingGroups[0].AutoScalingGroupARN')
ecs create-capacity-provider --name cli --auto-scaling-group-provider \
  "autoScalingGroupArn=$arn,managedScaling={status=ENABLED,targetCapacity=100}" >/dev/null
ecs create-cluster --cluster-name default --capacity-providers cli \
  --default-capacity-provider-strategy capacityProvider=cli,weight=1 >/dev/null
ecs register-task-definition --family web \
  --container-definitions '[{"name": "web", "image": "web:1", "cpu": 2048, "memory": 1024}]' >/dev/null
ecs create-service --service-name web --task-definition web --desired-count 4 >/dev/null
curl -sf -X POST -H 'X-Localecs: 1' "$url/_local/advance?by=5m" >/dev/null
is running "$(ecs describe-services --services web --query 'services[0].runningCount')" 4
is states "$(scaling describe-auto-scaling-instances --query 'AutoScalingInstances[].LifecycleState')" \
  "$(printf 'InService\tInService')"
is hook "$(scaling describe-lifecycle-hooks --auto-scaling-group-name cli --query 'LifecycleHooks[].LifecycleHookName')" \
  ecs-managed-draining-termination-hook
curl -sf "$url/_local/timeline" | grep -q CapacityProviderReservation

# An instance that somebody ends drains first, and another one comes in its place.
id=$(scaling describe-auto-scaling-instances --query 'AutoScalingInstances[0].InstanceId')
is status "$(scaling terminate-instance-in-auto-scaling-group --instance-id "$id" \
  --no-should-decrement-desired-capacity --query Activity.StatusCode)" InProgress
is state "$(scaling describe-auto-scaling-instances --instance-ids "$id" \
  --query 'AutoScalingInstances[0].LifecycleState')" Terminating:Wait
curl -sf -X POST -H 'X-Localecs: 1' "$url/_local/advance?by=10m" >/dev/null
is gone "$(scaling describe-auto-scaling-instances --instance-ids "$id" --query 'length(AutoScalingInstances)')" 0
is running "$(ecs describe-services --services web --query 'services[0].runningCount')" 4
echo "ok: a group and its capacity provider with $(aws --version 2>&1 | cut -d' ' -f1)"
