#!/usr/bin/env bash
# The life cycle explored above 100,000 states, how many of them can be told apart, and long random
# lives at real times.
set -eu -o pipefail
SHARE=${SHARE:-100} # percent of the draws
RAPID=${RAPID-} # such as -rapid.seed=1
go test ./lifecycle -run 'TestExplore|TestDistinct' -explore=1 -v | grep -E 'states|^(---|ok|FAIL)'
go test ./lifecycle -run 'TestSteps' $RAPID -rapid.checks=$((10000 * SHARE / 100))
