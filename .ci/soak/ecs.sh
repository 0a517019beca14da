#!/usr/bin/env bash
# The laws of the domain's values over many more draws.
set -eu
SHARE=${SHARE:-100} # percent of the draws
RAPID=${RAPID-} # such as -rapid.seed=1
go test ./ecs -run 'TestLaws/E[1235]|TestDistributeLaws' $RAPID -rapid.checks=$((3000 * SHARE / 100))
go test ./ecs/registry ./ecs/agentconfig ./ecs/image -run 'TestRegistryModel|TestCredentialsPolicy|TestImageRoundTrip' $RAPID -rapid.checks=$((3000 * SHARE / 100))
go test ./ecs -run 'TestLaws/E4' $RAPID -rapid.checks=$((200 * SHARE / 100))
go test ./ecs/ecstest $RAPID -rapid.checks=$((2000 * SHARE / 100))
