#!/usr/bin/env bash
# A service through create, update and delete with the AWS CLI.
#
#   go run ./examples/localecs -advance-on-poll -manual &
#   examples/localecs/clients/cli.sh http://127.0.0.1:8090
set -euo pipefail
if ! command -v aws >/dev/null; then
  echo "skipped: the AWS CLI is not installed"
  exit 0
fi
export AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret AWS_DEFAULT_REGION=us-east-1 AWS_PAGER=
ecs() { aws ecs --endpoint-url "${URL}" "$@"; }
URL=${1:-http://127.0.0.1:8090}
ecs register-task-definition --family cli --container-definitions '[{"name":"web","image":"web:1","memory":64,"portMappings":[{"containerPort":80,"hostPort":0}]}]' >/dev/null
ecs create-service --service-name cli --task-definition cli --desired-count 2 >/dev/null
ecs wait services-stable --services cli
[ "$(ecs describe-services --services cli --query 'services[0].runningCount' --output text)" = 2 ]
task=$(ecs run-task --task-definition cli --query 'tasks[0].taskArn' --output text)
ecs wait tasks-running --tasks "$task"
ecs stop-task --task "$task" --reason enough >/dev/null
ecs wait tasks-stopped --tasks "$task"
ecs delete-service --service cli --force >/dev/null
echo "ok: a service was created and deleted, and a task run and stopped, with the AWS CLI"
