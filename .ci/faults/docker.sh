#!/bin/bash
# Lets containers be started twice, host files be mounted, or an answer in half be taken for a whole one: every planted
# fault must be found. They need no engine.
set -eu -o pipefail
. .ci/faults/plant
cd examples/docker # a module of its own

engine() { plant engine "$@"; }
engine TestShortRun start.go 's/if begun, _ := r.begin(c, found); begun {/if false {/'
engine TestFaults create.go 's/if err == nil \&\& answer.ID == "" {/if false {/'
engine TestFaults ask.go 's/errors.Is(err, errHalf)$/false/'
engine TestStartTooLate start.go 's/heard := ctx.Err() == nil/heard := true/'
engine TestEngineIsAway wait.go 's/if err == nil \&\& !runs(found) {/if !runs(found) {/'
engine TestPulls pull.go 's/RegistryAuth: login}/}/'
engine TestPulls pull.go 's/ \&\& behavior == lifecycle.PullBehaviorDefault//'
engine TestPulls pull.go 's/"manifest unknown", //'
engine TestDangers refuse.go 's/ || !within(r.config.Allow.Mounts, real)//'
engine TestDangers refuse.go 's/if !filepath.IsAbs(device) {/if true {/'
engine TestDangers refuse.go 's/return below(s, path) || below(s, real)/return path == s/'
engine TestDangers refuse_container.go 's/if loosens(option) \&\& /if false \&\& /'
engine TestRefusals fields.go 's/if row.refuse == nil {/if row.refuse == nil || row.Fate == Refused {/'
engine TestFields fields_task.go '/^\t\tdone("tags", plane),$/d'
engine TestFields fields_container.go 's/done("hostname"/done("hostName"/'
engine TestLogFile logs.go 's/if ok \&\& at <= w.last {/if false {/'
engine TestConfig config.go 's/s != s.Masked()) {/false) {/'
engine TestTaskAddresses config.go 's/7 - subnet.Bits()%8/6 - subnet.Bits()%8/'
