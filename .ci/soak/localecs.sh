#!/usr/bin/env bash
# Two hundred clients of localecs for a while, a kill -9, and every acknowledged task is listed;
# then malformed and random calls.
set -eu
go test ./examples/localecs -count=1 -run TestKilled -storm 10s
go test ./examples/localecs/front -run "^$" -fuzz "^FuzzServer$" -fuzztime 10s
