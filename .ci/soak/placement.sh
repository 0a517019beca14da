#!/usr/bin/env bash
# 50,000 random sequences of operations on an index, each answer checked against Place; half of
# the sequences are of 50 operations and more. About two minutes on one core.
set -eu
SHARE=${SHARE:-100} # percent of the draws
RAPID=${RAPID-} # such as -rapid.seed=1
go test ./placement -run 'TestLaws/PL4_index_is_place' $RAPID -rapid.checks=$((50000 * SHARE / 100)) -timeout 10m
go test ./placement -run 'TestLaws/PL[1-3,5-8]' $RAPID -rapid.checks=$((1500 * SHARE / 100)) -timeout 5m
