#!/usr/bin/env bash
# The life cycle explored above 100,000 states, and long random lives at real times.
set -eu -o pipefail
go test ./lifecycle -run 'TestExplore' -explore=1 -v | grep -E 'states,|^(---|ok|FAIL)'
go test ./lifecycle -run 'TestSteps' -rapid.checks=10000
