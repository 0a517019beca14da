#!/usr/bin/env bash
# A service through create, update, rollback, scale, drain and delete with the AWS CLI, and a task
# through run and stop.
#
#   go run ./examples/localecs -advance-on-poll -manual &
#   examples/localecs/clients/cli.sh http://127.0.0.1:8090
set -euo pipefail
if ! command -v aws >/dev/null; then
  echo "skipped: the AWS CLI is not installed"
  exit 0
fi
export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret AWS_DEFAULT_REGION=us-east-1 AWS_PAGER=
url=${1:-http://127.0.0.1:8090}
ecs() { aws ecs --endpoint-url "$url" "$@"; }
define() { # IMAGE: registers a revision of cli and prints its ARN
  ecs register-task-definition --family cli --query taskDefinition.taskDefinitionArn --output text \
    --container-definitions '[{"name":"web","image":"'"$1"'","memory":64,"portMappings":[{"containerPort":80,"hostPort":0}]}]'
}
expect() { # WHAT GOT: fails if they differ
  [ "$1" = "$2" ] || { echo "expected $1, got $2"; exit 1; }
}
stable() { # EXPECTED: running count, deployments and revision, once the service is stable
  ecs wait services-stable --services cli
  expect "$1" "$(ecs describe-services --services cli --query 'services[0].[runningCount,length(deployments),deployments[0].taskDefinition]' --output text | tr '\t' ' ')"
}

first=$(define web:1)
breaker='deploymentCircuitBreaker={enable=true,rollback=true}'
ecs create-service --service-name cli --task-definition cli --desired-count 2 --deployment-configuration "$breaker" >/dev/null
stable "2 1 $first"

second=$(define web:2)
ecs update-service --service cli --task-definition "$second" >/dev/null
stable "2 1 $second"

curl -sSf -H 'X-Localecs: 1' -d '{"image":"web:bad","pullError":"not found"}' "$url/_local/behaviour"
ecs update-service --service cli --task-definition "$(define web:bad)" >/dev/null
stable "2 1 $second"
expect ROLLBACK_SUCCESSFUL "$(ecs list-service-deployments --service cli --query 'serviceDeployments[0].status' --output text)"

ecs update-service --service cli --desired-count 4 >/dev/null
stable "4 1 $second"

instance=$(ecs list-container-instances --query 'containerInstanceArns[0]' --output text)
ecs update-container-instances-state --container-instances "$instance" --status DRAINING >/dev/null
expect 0 "$(ecs describe-container-instances --container-instances "$instance" --query 'containerInstances[0].runningTasksCount' --output text)"
stable "4 1 $second"

task=$(ecs run-task --task-definition cli:1 --query 'tasks[0].taskArn' --output text)
ecs wait tasks-running --tasks "$task"
ecs stop-task --task "$task" --reason enough >/dev/null
ecs wait tasks-stopped --tasks "$task"

refused=$(ecs delete-service --service cli 2>&1) && { echo "a service with tasks was deleted"; exit 1; }
[[ $refused == *InvalidParameterException* ]] || { echo "$refused"; exit 1; }
ecs delete-service --service cli --force >/dev/null
ecs wait services-inactive --services cli
echo "ok: a service was created, updated, rolled back, scaled, drained and deleted, and a task run and stopped, with the AWS CLI"
