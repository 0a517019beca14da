#!/bin/bash
# Breaks once each rule about what results from requests, and the bounds of one input: every
# planted fault must be found.
set -eu -o pipefail
. .ci/faults/plant
CHECKS=${CHECKS:-100}

law() { plant ecs/control "$@"; }
room() { TESTED=ecs/control plant "ecs/control/internal/$1" "${@:2}"; }

room rollout TestWorkOfOneInputIsBounded settle.go 's/^const maxPasses = 32$/const maxPasses = 128/'
law TestPanicEndsThePlane plane.go 's/^\tdefer p.guard(.*)$//'
room services TestRollbackGoesBackToTheLaunchType follow.go 's/^\ts.Record.LaunchType, s.Record.CapacityProviderStrategy = .*$//'
room services TestRollbackDropsTheShift follow.go 's/^\ts.dropShift()$//'

# What combinations of features found, each where its rule is.
combined() { TESTED=ecs/control FLAGS="-combinations.worlds 100" plant "$1" TestCombinations "${@:2}"; }

combined ecs/api validate_service.go 's/^\tcase len(w.providers) > 0:$/\tcase false:/'
combined ecs/api validate_service.go 's/^\tif s.SchedulingStrategy == ecs.SchedulingStrategyDaemon {$/\tif false {/'
combined ecs/api validate_service.go 's/^\tc.launched(w, d)$//'
TESTED=ecs/control plant ecs/api TestResultingServiceIsValidated validate_service.go 's/^\tc.registered(s.ServiceRegistries, d)$//'
combined ecs/control/internal/capacity run_requests.go 's/m.standalone(c, d, in)$/m.standalone(c, d, asked(in))/; $a func asked(in api.RunTaskInput) api.RunTaskInput { in.LaunchType, in.CapacityProviderStrategy = "", nil; return in }'
room rollout TestTargetGroupInUseKeepsItsType target.go 's/^\t\t\tif err := m.checkUser(s, in); err != nil {$/\t\t\tif err := error(nil); err != nil {/'
