#!/bin/bash
# Breaks how task definitions are read and what makes a service's update a deployment: every planted
# fault must be found.
set -eu -o pipefail
. .ci/faults/plant
CHECKS=${CHECKS:-100}

TESTED=ecs plant ecs/internal/codec TestEveryFieldIsRead values.go 's/^\t\tknown = fieldsWithin(f.Type, known)$/\t\tif f.Type.Kind() != reflect.Slice { known = fieldsWithin(f.Type, known) }/'
TESTED=ecs plant ecs/internal/codec TestEveryFieldIsRead values.go 's/own.index\[key\]/own.index[strings.ToLower(key)]/'
plant ecs TestEnumerations enums_launch.go 's/LaunchTypeFargate + " " +/LaunchTypeEC2 + " " +/'
plant ecs TestEnumerations enums_launch.go 's/LaunchTypeFargate + " " + //'
plant ecs TestEnumerations enumeration.go 's/value == text/strings.EqualFold(value, text)/'
plant ecs TestEnumerations enumeration.go 's/value == text/strings.HasPrefix(value, text)/'
plant ecs/scheduler TestStartsDeployment update.go 's/return force || old.TaskDefinition/return old.TaskDefinition/'
plant ecs/scheduler TestStartsDeployment update.go 's/(len(a) > 0 || len(b) > 0) \&\& !reflect/!reflect/'
plant ecs/scheduler TestStartsDeployment update.go 's/^\t\tdiffer(was.VolumeConfigurations, is.VolumeConfigurations) ||$//'
