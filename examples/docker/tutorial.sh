#!/usr/bin/env bash
# The commands of a tutorial of Amazon ECS, on this machine: log in, tag, push, pull, register, create, update, look.
#
#   examples/docker/tutorial.sh
#
# It needs Go, the AWS CLI, and Docker with an engine that runs here. It starts the program of this directory on free
# ports and ends it, with all containers. Nothing reaches AWS, or your logins: the CLI has the program's endpoint and
# key, and Docker a configuration of its own. What is between two lines of dashes is typed as in the tutorials.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

work=$(mktemp -d)
export DOCKER_CONFIG=$work/docker AWS_CONFIG_FILE=$work/none AWS_SHARED_CREDENTIALS_FILE=$work/none
export AWS_EC2_METADATA_DISABLED=true AWS_PAGER='' AWS_DEFAULT_OUTPUT=text
unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN
for name in "${!AWS_ENDPOINT_URL_@}"; do unset "$name"; done

# free prints a port at which nobody listens.
free() {
	local port
	for port in $(shuf -i 20000-32000 -n 50); do
		if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "$port" && return; fi
	done
	return 1
}

program=''
finish() {
	local status=$?
	if [ -n "$program" ]; then kill "$program" 2>/dev/null && wait "$program" || true; fi
	docker rmi -f web:1 web:2 "${REGISTRY-none}/web:1" "${REGISTRY-none}/web:2" >/dev/null 2>&1 || true
	if [ $status -ne 0 ]; then cat "$work/log" "$work"/ecs/*.log >&2 || true; fi
	rm -rf "$work"
	exit $status
}
trap finish EXIT
trap 'exit 143' TERM INT

go build -o "$work/program" .
"$work/program" -addr "127.0.0.1:$(free)" -registry "127.0.0.1:$(free)" -directory "$work/ecs" >"$work/log" 2>&1 &
program=$!
until grep -qs 'The console' "$work/log"; do kill -0 $program && sleep 0.2; done
eval "$(grep '^  export' "$work/log")" # AWS_ENDPOINT_URL, a Region, a key, and REGISTRY

# Two images, without a registry that has others: a static program in a tar.
mkdir "$work/image"
CGO_ENABLED=0 GOOS=linux go build -trimpath -ldflags '-s -w' -o "$work/image/web" ./web
for n in 1 2; do
	tar -C "$work/image" -c web | docker import -c 'ENTRYPOINT ["/web"]' -c "ENV REVISION=$n" - "web:$n"
done
PORT=$(free)

# serves REVISION: does the load balancer's answer come from that revision?
serves() { curl -fsS "http://127.0.0.1:$PORT/" | tee /dev/stderr | grep -q "^revision $1,"; }
set -x
# ----------------------------------------------------------------------------------------------------------------

aws ecr create-repository --repository-name web --image-tag-mutability IMMUTABLE
aws ecr get-login-password | docker login --username AWS --password-stdin "$REGISTRY"
docker tag web:1 "$REGISTRY/web:1"
docker push "$REGISTRY/web:1"
docker tag web:2 "$REGISTRY/web:2"
docker push "$REGISTRY/web:2"
docker rmi "$REGISTRY/web:1"
docker pull "$REGISTRY/web:1"
aws ecr describe-images --repository-name web

GROUP=$(aws elbv2 create-target-group --name web --protocol HTTP --port 80 --vpc-id vpc-1 \
	--health-check-interval-seconds 5 --health-check-timeout-seconds 2 --healthy-threshold-count 2 \
	--query 'TargetGroups[0].TargetGroupArn')
aws elbv2 modify-target-group-attributes --target-group-arn "$GROUP" \
	--attributes Key=deregistration_delay.timeout_seconds,Value=5
BALANCER=$(aws elbv2 create-load-balancer --name web --subnets subnet-a subnet-b \
	--query 'LoadBalancers[0].LoadBalancerArn')
aws elbv2 create-listener --load-balancer-arn "$BALANCER" --protocol HTTP --port "$PORT" \
	--default-actions Type=forward,TargetGroupArn="$GROUP"

ROLE=arn:aws:iam::123456789012:role/web
for n in 1 2; do
	aws ecs register-task-definition --family web --task-role-arn "$ROLE" --container-definitions "[{\"name\": \"web\",
		\"image\": \"$REGISTRY/web:$n\", \"memory\": 64, \"portMappings\": [{\"containerPort\": 80}]}]"
done
aws ecs create-service --service-name web --task-definition web:1 --desired-count 2 \
	--load-balancers targetGroupArn="$GROUP",containerName=web,containerPort=80
aws ecs wait services-stable --services web
serves 1
aws ecs update-service --service web --task-definition web:2
aws ecs wait services-stable --services web
serves 2
aws ecs describe-services --services web --query 'services[0].[status,runningCount,deployments[0].rolloutState]'
aws ecs list-tasks --service-name web
aws elbv2 describe-target-health --target-group-arn "$GROUP"

# ----------------------------------------------------------------------------------------------------------------
set +x

# A container finds its task and its role.
curl -fsS "http://127.0.0.1:$PORT/about" | tee "$work/said"
grep -q '^default web 2' "$work/said"
grep -q "$ROLE" "$work/said"

# What must not work does not: a tag that is there, and a registry without a login.
docker tag web:2 "$REGISTRY/web:1"
if docker push "$REGISTRY/web:1" >"$work/said" 2>&1; then echo "an immutable tag was pushed again" && exit 1; fi
grep 'already exists' "$work/said"
docker logout "$REGISTRY"
if docker push "$REGISTRY/web:2" >"$work/said" 2>&1; then echo "who is not logged in has pushed" && exit 1; fi
grep -i 'credentials' "$work/said"

aws ecs delete-service --service web --force >/dev/null
kill $program && wait $program
program=''
left=$(docker ps -aq --filter label=com.amazonaws.ecs.cluster=default)
if [ -n "$left" ]; then docker ps -a && echo "containers are left" && exit 1; fi
echo "PASS: the tutorial ran through in $SECONDS s, and nothing is left"
