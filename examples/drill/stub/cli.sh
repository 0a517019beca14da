#!/bin/sh
# Deploys with the AWS command line, as many scripts do: it believes the waiter. The drill shows where that is wrong.
#
#   go run ./examples/drill -scenario 1,2,5a -- examples/drill/stub/cli.sh {{.Cluster}} {{.Service}} {{.TaskDefinition}}
set -eu
command -v aws >/dev/null || { echo "the AWS command line is not installed" >&2; exit 3; }
revision=$(aws ecs register-task-definition --cli-input-json "file://$3" \
	--query taskDefinition.taskDefinitionArn --output text)
aws ecs update-service --cluster "$1" --service "$2" --task-definition "$revision" >/dev/null
aws ecs wait services-stable --cluster "$1" --services "$2"
echo "Deployment successful"
