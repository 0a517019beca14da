#!/bin/bash
# The control plane in 1,000 random worlds of 500 steps with every fault on, and crashed at
# every step of calm ones.
set -eu
go test ./ecs/control -run 'TestSoak' -soak.worlds 1000 -v | grep -v '^=== '
go test ./ecs/control -run 'TestLaws' -rapid.checks 1000 -crash.worlds 6 -crash.points 1000
