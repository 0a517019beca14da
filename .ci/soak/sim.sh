#!/usr/bin/env bash
# Every story is told again for each of its steps, with the plane lost in it in each way.
set -eu -o pipefail

go test ./ecs/sim -run TestScriptsCrash -crash.every 1 -parallel 8 -v | grep -v '^ *===\|^=== '
