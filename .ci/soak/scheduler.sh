#!/bin/bash
# Holds ecs/scheduler to its laws over more random fleets than a plain test run does.
set -eu -o pipefail
SHARE=${SHARE:-100} # percent of the draws
RAPID=${RAPID-} # such as -rapid.seed=1

go test ./ecs/scheduler -run TestLaws $RAPID -rapid.checks=$((8000 * SHARE / 100))
