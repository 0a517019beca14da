#!/usr/bin/env bash
# The laws of the domain's values over many more draws.
set -eu
go test ./ecs -run 'TestLaws/E[1235]|TestCredentialsPolicy|TestRegistryModel|TestDistributeLaws|TestImageRoundTrip' -rapid.checks=3000
go test ./ecs -run 'TestLaws/E4' -rapid.checks=200
go test ./ecs/ecstest -rapid.checks=2000
