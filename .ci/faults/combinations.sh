#!/bin/bash
# Breaks once each rule about what results from requests, and the bounds of one input: every
# planted fault must be found.
set -eu -o pipefail
. .ci/faults/plant
CHECKS=${CHECKS:-100}

law() { plant ecs/control "$@"; }

law TestWorkOfOneInputIsBounded settle.go 's/^const maxPasses = 32$/const maxPasses = 128/'
law TestPanicEndsThePlane plane.go 's/^\tdefer p.guard(.*)$//'
law TestRollbackGoesBackToTheLaunchType reconcile.go 's/^\t\t\ts.Record.LaunchType, s.Record.CapacityProviderStrategy = .*$//'

# What combinations of features found, each where its rule is.
combined() { TESTED=ecs/control FLAGS="-combinations.worlds 60" plant "$1" TestCombinations "${@:2}"; }

combined ecs validate_service.go 's/^\tcase len(w.providers) > 0:$/\tcase false:/'
combined ecs validate_service.go 's/^\tif s.SchedulingStrategy == SchedulingStrategyDaemon {$/\tif false {/'
combined ecs validate_service.go 's/^\tc.launched(w, d)$//'
TESTED=ecs/control plant ecs TestResultingServiceIsValidated validate_service.go 's/^\tc.registered(s.ServiceRegistries, d)$//'
combined ecs/control run.go 's/p.standalone(c, d, resulting)/p.standalone(c, d, in)/'
law TestTargetGroupInUseKeepsItsType target_group.go 's/^\tif err := p.checkUsers(in); err != nil {$/\tif err := error(nil); err != nil {/'
