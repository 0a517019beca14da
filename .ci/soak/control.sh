#!/bin/bash
# The control plane in 1,000 random worlds of 500 steps with every fault on, its laws over more
# worlds, crashed at every step of calm ones, explored with two tasks; 200
# worlds in which features are combined, and every value in every place of a State.
set -eu -o pipefail
SHARE=${SHARE:-100} # percent of the draws
RAPID=${RAPID-} # such as -rapid.seed=1

go test ./ecs/control -run TestSoak -soak.worlds=$((1000 * SHARE / 100)) -v | grep -v '^=== '
go test ./ecs/control -run TestCombinations -combinations.worlds=$((200 * SHARE / 100)) -v | grep -v '^=== '
go test ./ecs/control -run TestExplore -explore.tasks 2 -v | grep -v '^=== '
go test ./ecs/control -run TestLaws/C3_crash_anywhere -crash.worlds 3 -crash.points=$((500 * SHARE / 100)) -v | grep -v '^=== '
go test ./ecs/control -run TestRestoreAnything -restore.all -v | grep -v '^=== '
go test ./ecs/control -run 'TestLaws/C[1245678]' $RAPID -rapid.checks=$((200 * SHARE / 100)) -rapid.nofailfile
