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
plant ecs/registry TestRegistryModel registry.go 's/^\tf.Last++$/\tf.Last = len(f.Revisions) + 1/'
plant ecs/registry TestRefusedCallsChangeNothing registry.go 's/^\tif err := d.ValidateBy(r.config.Rules); err != nil {$/\tif i, ok := r.find(d.Family); ok {\n\t\tr.families[i].Last++\n\t}\n&/'
plant ecs/registry TestRefusedCallsChangeNothing registry.go 's/at.Status != ecs.TaskDefinitionStatusDeleteInProgress/at.Status == ecs.TaskDefinitionStatusActive/'
plant ecs/registry TestRepeatedCallsChangeNothing registry.go 's/if at.Status == ecs.TaskDefinitionStatusActive {$/if at.Status != "" {/'
plant ecs/registry TestFamilies registry.go 's/if len(f.Revisions) == 0 || /if /'
