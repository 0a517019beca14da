#!/bin/bash
# A role that may update the services of one cluster only, with the AWS command line.
#
#   go run ./examples/localecs -manual -policy AKIDEXAMPLE=examples/localecs/clients/everything.json \
#     -policy AKIDROLE=examples/localecs/clients/one-cluster.json &
#   examples/localecs/clients/policy.sh http://127.0.0.1:8090
set -eu -o pipefail

url=${1:-http://127.0.0.1:8090}
command -v aws >/dev/null || { echo "skipped: the AWS CLI is not installed"; exit 0; }
export AWS_SECRET_ACCESS_KEY=secret AWS_DEFAULT_REGION=us-east-1 AWS_PAGER=
as() { key=$1; shift; AWS_ACCESS_KEY_ID=$key aws ecs --endpoint-url "$url" --output text "$@"; }
denied() {
  if text=$(as "$@" 2>&1 >/dev/null); then echo "allowed: $*"; exit 1; fi
  [[ $text == *AccessDeniedException*"is not authorized to perform"* ]] || { echo "$text"; exit 1; }
}

as AKIDEXAMPLE register-task-definition --family web \
  --container-definitions '[{"name": "web", "image": "web:1", "memory": 64}]' >/dev/null
for cluster in prod dev; do
  as AKIDEXAMPLE create-cluster --cluster-name $cluster >/dev/null
  as AKIDEXAMPLE create-service --cluster $cluster --service-name web --task-definition web --desired-count 0 >/dev/null
done
[ "$(as AKIDROLE update-service --cluster prod --service web --desired-count 1 --query service.desiredCount)" = 1 ]
denied AKIDROLE update-service --cluster dev --service web --desired-count 1
denied AKIDROLE delete-service --cluster prod --service web
denied AKIDROLE list-clusters
denied AKIDOTHER update-service --cluster prod --service web --desired-count 2
[ "$(as AKIDEXAMPLE describe-services --cluster dev --services web --query 'services[0].desiredCount')" = 0 ]
echo "ok: a role that may update one cluster only, with $(aws --version 2>&1 | cut -d' ' -f1)"
