#!/bin/bash
# A canary of AWS CodeDeploy behind a real listener, with the AWS command line; a stop takes it back.
#
#   go run ./examples/localecs -manual &
#   examples/localecs/clients/codedeploy.sh http://127.0.0.1:8090
set -eu -o pipefail

url=${1:-http://127.0.0.1:8090}
command -v aws >/dev/null || { echo "skipped: the AWS CLI is not installed"; exit 0; }
export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret AWS_DEFAULT_REGION=us-east-1 AWS_PAGER=
elb() { aws elbv2 --endpoint-url "$url" --output text "$@"; }
ecs() { aws ecs --endpoint-url "$url" --output text "$@"; }
deploy() { aws deploy --endpoint-url "$url" --output text "$@"; }
advance() { curl -sf -X POST -H 'X-Localecs: 1' "$url/_local/advance?by=$1" >/dev/null; }
is() { [ "$2" = "$3" ] || { echo "$1: $2 and not $3"; exit 1; }; }
weights() {
  elb describe-rules --listener-arn "$listener" \
    --query 'Rules[0].Actions[0].ForwardConfig.TargetGroups[].Weight'
}
group() {
  elb create-target-group --name "$1" --protocol HTTP --port 80 --vpc-id vpc-1 --query 'TargetGroups[0].TargetGroupArn'
}
revise() {
  ecs register-task-definition --family cd --container-definitions \
    '[{"name": "web", "image": "'"$1"'", "memory": 64, "portMappings": [{"containerPort": 80}]}]' \
    --query taskDefinition.taskDefinitionArn
}

blue=$(group cli-blue)
group cli-green >/dev/null
balancer=$(elb create-load-balancer --name cli --subnets subnet-00000001 subnet-00000002 subnet-00000003 \
  --query 'LoadBalancers[0].LoadBalancerArn')
listener=$(elb create-listener --load-balancer-arn "$balancer" --protocol HTTP --port 80 \
  --default-actions "Type=forward,TargetGroupArn=$blue" --query 'Listeners[0].ListenerArn')
ecs create-service --service-name cd --task-definition "$(revise web:1)" --desired-count 2 \
  --deployment-controller type=CODE_DEPLOY \
  --load-balancers "targetGroupArn=$blue,containerName=web,containerPort=80" >/dev/null
advance 2m
deploy create-application --application-name app --compute-platform ECS >/dev/null
deploy create-deployment-group --application-name app --deployment-group-name group \
  --service-role-arn arn:aws:iam::123456789012:role/codedeploy --ecs-services serviceName=cd,clusterName=default \
  --deployment-style deploymentType=BLUE_GREEN,deploymentOption=WITH_TRAFFIC_CONTROL \
  --auto-rollback-configuration enabled=true,events=DEPLOYMENT_FAILURE \
  --load-balancer-info "targetGroupPairInfoList=[{targetGroups=[{name=cli-blue},{name=cli-green}],\
prodTrafficRoute={listenerArns=[$listener]}}]" >/dev/null
spec='{"Resources": [{"S": {"Type": "AWS::ECS::Service", "Properties": {"TaskDefinition": "'$(revise web:2)'",
  "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 80}}}}]}'
id=$(deploy create-deployment --application-name app --deployment-group-name group \
  --deployment-config-name CodeDeployDefault.ECSCanary10Percent5Minutes \
  --revision "$(python3 -c 'import json, sys; print(json.dumps({"revisionType": "AppSpecContent",
    "appSpecContent": {"content": sys.argv[1]}}))' "$spec")")
advance 2m
is weights "$(weights)" "$(printf '90\t10')"
is events "$(deploy get-deployment-target --deployment-id "$id" --target-id default:cd --query \
  'deploymentTarget.ecsTarget.lifecycleEvents[?status==`InProgress`].lifecycleEventName')" AllowTraffic
is sets "$(ecs describe-services --services cd --query 'services[0].taskSets[].[status, runningCount]' | sort)" \
  "$(printf 'ACTIVE\t2\nPRIMARY\t2')"
deploy stop-deployment --deployment-id "$id" --auto-rollback-enabled >/dev/null
advance 10m
is weights "$(weights)" "$(printf '100\t0')"
is status "$(deploy get-deployment --deployment-id "$id" --query \
  'deploymentInfo.[status, errorInformation.code]')" "$(printf 'Stopped\tMANUAL_STOP')"
is sets "$(ecs describe-services --services cd --query 'services[0].taskSets[].[status, runningCount]')" \
  "$(printf 'PRIMARY\t2')"
echo "ok: a canary of AWS CodeDeploy, stopped and taken back, with $(aws --version 2>&1 | cut -d' ' -f1)"
