#!/bin/bash
# With the AWS command line: a canary behind a real listener rule, which an alarm rolls back; a Classic Load Balancer;
# step scaling by an alarm on a metric that was put.
#
#   go run ./examples/localecs -manual -instances 3 &
#   examples/localecs/clients/balancers.sh http://127.0.0.1:8090
set -eu -o pipefail

url=${1:-http://127.0.0.1:8090}
command -v aws >/dev/null || { echo "skipped: the AWS CLI is not installed"; exit 0; }
export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret AWS_DEFAULT_REGION=us-east-1 AWS_PAGER=
call() { aws --endpoint-url "$url" --output text "$@"; }
advance() { curl -sf -X POST -H 'X-Localecs: 1' "$url/_local/advance?by=$1" >/dev/null; }
is() { [ "$2" = "$3" ] || { echo "$1: $2 and not $3"; exit 1; }; }
weights() {
  call elbv2 describe-rules --rule-arns "$rule" --query 'Rules[0].Actions[0].ForwardConfig.TargetGroups[].Weight'
}
group() {
  call elbv2 create-target-group --name "$1" --protocol HTTP --port 80 --vpc-id vpc-1 \
    --query 'TargetGroups[0].TargetGroupArn'
}
revise() {
  call ecs register-task-definition --family "$1" --container-definitions \
    '[{"name": "web", "image": "'"$2"'", "memory": 64, "portMappings": [{"containerPort": 80}]}]' >/dev/null
}
latest() { # QUERY of the latest deployment
  call ecs describe-service-deployments --query "serviceDeployments[0].$1" --service-deployment-arns \
    "$(call ecs list-service-deployments --service canary --query 'serviceDeployments[0].serviceDeploymentArn')"
}

blue=$(group cli-canary-blue)
green=$(group cli-canary-green)
balancer=$(call elbv2 create-load-balancer --name cli-canary --subnets subnet-00000001 subnet-00000002 subnet-00000003 \
  --query 'LoadBalancers[0].LoadBalancerArn')
listener=$(call elbv2 create-listener --load-balancer-arn "$balancer" --protocol HTTP --port 80 \
  --default-actions 'Type=fixed-response,FixedResponseConfig={StatusCode=404}' --query 'Listeners[0].ListenerArn')
rule=$(call elbv2 create-rule --listener-arn "$listener" --priority 1 \
  --conditions 'Field=path-pattern,Values=["/*"]' --actions '[{"Type": "forward", "ForwardConfig": {"TargetGroups":
    [{"TargetGroupArn": "'"$blue"'", "Weight": 100}, {"TargetGroupArn": "'"$green"'", "Weight": 0}]}}]' \
  --query 'Rules[0].RuleArn')
revise canary web:1
call ecs create-service --service-name canary --task-definition canary --desired-count 2 \
  --load-balancers '[{"targetGroupArn": "'"$blue"'", "containerName": "web", "containerPort": 80,
    "advancedConfiguration": {"alternateTargetGroupArn": "'"$green"'", "productionListenerRule": "'"$rule"'",
      "roleArn": "arn:aws:iam::123456789012:role/lb"}}]' \
  --deployment-configuration '{"strategy": "CANARY", "bakeTimeInMinutes": 5,
    "canaryConfiguration": {"canaryPercent": 10, "canaryBakeTimeInMinutes": 10},
    "alarms": {"alarmNames": ["cli-errors"], "enable": true, "rollback": true}}' >/dev/null
advance 10m
is "weights at first" "$(weights)" "$(printf '100\t0')"
revise canary web:2
call ecs update-service --service canary --task-definition canary >/dev/null
advance 5m
is "weights of the canary" "$(weights)" "$(printf '90\t10')"
is "the canary's weight" "$(printf %.0f "$(latest targetServiceRevision.requestedProductionTrafficWeight)")" 10
advance 30m
is "weights at the end" "$(weights)" "$(printf '0\t100')"
is "the deployment" "$(latest status)" SUCCESSFUL

revise canary web:3
call ecs update-service --service canary --task-definition canary >/dev/null
advance 5m
is "weights of the next canary" "$(weights)" "$(printf '10\t90')"
call cloudwatch put-metric-alarm --alarm-name cli-errors --namespace app --metric-name errors --statistic Sum \
  --period 60 --evaluation-periods 1 --threshold 1 --comparison-operator GreaterThanThreshold
call cloudwatch set-alarm-state --alarm-name cli-errors --state-value ALARM --state-reason test
advance 10m
is "weights after the alarm" "$(weights)" "$(printf '0\t100')"
is "the deployment after the alarm" "$(latest status)" ROLLBACK_SUCCESSFUL

call elb create-load-balancer --load-balancer-name cli-classic --availability-zones us-east-1a \
  --listeners Protocol=HTTP,LoadBalancerPort=80,InstancePort=8080 >/dev/null
is "the Classic Load Balancer" "$(call elb describe-load-balancers --load-balancer-names cli-classic \
  --query 'LoadBalancerDescriptions[0].HealthCheck.Target')" TCP:8080

revise steps web:1
call ecs create-service --service-name steps --task-definition steps --desired-count 1 >/dev/null
advance 2m
target="--service-namespace ecs --resource-id service/default/steps --scalable-dimension ecs:service:DesiredCount"
# shellcheck disable=SC2086
call application-autoscaling register-scalable-target $target --min-capacity 1 --max-capacity 4 >/dev/null
# shellcheck disable=SC2086
policy=$(call application-autoscaling put-scaling-policy $target --policy-name out --policy-type StepScaling \
  --step-scaling-policy-configuration '{"AdjustmentType": "ChangeInCapacity",
    "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 2}]}' --query PolicyARN)
call cloudwatch put-metric-alarm --alarm-name cli-deep --namespace app --metric-name depth --statistic Average \
  --period 60 --evaluation-periods 1 --threshold 10 --comparison-operator GreaterThanThreshold --alarm-actions "$policy"
call cloudwatch put-metric-data --namespace app --metric-name depth --value 25
advance 2m
is "desired count" "$(call ecs describe-services --services steps --query 'services[0].desiredCount')" 3
echo "ok: a canary and its rollback, a Classic Load Balancer, step scaling, with $(aws --version 2>&1 | cut -d' ' -f1)"
