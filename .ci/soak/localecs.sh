#!/usr/bin/env bash
# Two hundred clients of localecs for a while, a kill -9, and every acknowledged task is listed.
set -eu
go test ./examples/localecs -count=1 -run TestKilled -storm 10s
