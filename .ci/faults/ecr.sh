#!/bin/bash
# Opens the registry of examples/docker to those who may not enter, or has it forget: every planted fault must be found.
set -eu -o pipefail
. .ci/faults/plant
cd examples/docker # a module of its own

law() { plant registry "$@"; }
law TestPushAndPull registry.go 's/err = json.Unmarshal(data, images)/err = json.Unmarshal(data, \&ecr.Registry{})/'
law TestParts uploads.go 's/io.MultiReader(f, request.Body)/request.Body/'
law TestPasswords password.go 's/if r.config.Now().Unix() >= c.Until {/if false {/'
law TestPasswords password.go 's/ || !hmac.Equal(signed, r.sign(text)) {/ || len(signed) == 0 {/'
law TestRights rights.go 's/if err == nil \&\& result.Decision != iam.Allowed {/if false {/'
law TestRights rights.go 's/if caller != "" {/if false {/'
law TestRights rights.go 's/r.home().ARN(a.repository)/r.home().ARN("web")/'
law TestLayersBelongToRepositories server.go 's/if !named .*/if named \&\& false {/'
law TestParts server.go 's/ \&\& !r.space.fresh(.*) {/ {/'
law TestParts uploads.go 's/return err == nil \&\& first == size \&\& last >= first/return err == nil/'
law TestParts uploads.go 's/return len(id) == len(rand.Text()) \&\&.*/_ = strings.Trim; return true/'
law TestSweep space.go 's/now.Sub(info.ModTime()) <= unused || layer/layer/'
law TestSweep space.go 's/case sum >= s.most:/case false:/'
law TestChangeIsDurable registry.go 's/, r.read())$/)/'
plant . TestArguments main.go 's/list = append(list, "-policy", p)/_ = p/'
plant . TestFlags main.go 's/^\t_, err := o.rights()$/\tvar err error/'
