#!/usr/bin/env bash
# Goroutines interleave differently each time: crashes after every record, and hostile runtimes, again and again.
set -eu
SHARE=${SHARE:-100} # percent of the draws
go test ./ecs/driver -run 'TestLaws|TestHostileRuntime|TestOneTargetInOrder' -count=$((25 * SHARE / 100))
