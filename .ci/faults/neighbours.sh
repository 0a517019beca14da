#!/bin/bash
# Lets the services around ECS answer wrongly: every planted fault must be found.
set -eu -o pipefail
. .ci/faults/plant

law() { plant examples/localecs/front/ecr "$@"; }
law TestRepositories repositories.go 's/if len(found.Images) > 0 \&\& !in.Force {/if false {/'
law TestMutability registry.go 's/return !excluded/return true/'
law TestImages images.go 's/^\t\tfound.untag(in.ImageTag)$//'
law TestIndex images.go 's/if found.byDigest\[d.Digest\] == nil {/if false {/'
law TestIndex images.go 's/case found.listed(i):/case false:/'
law TestRefusal registry.go 's/if !r.Used {/if false {/'
law TestRefusal registry.go 's/!ok || place.Account != home.Account ||/!ok ||/'
law TestRefusal registry.go 's/ || place.Region != home.Region {/ {/'
law TestRefusal registry.go 's/if i.Digest != "" {/if false {/'
law TestLaws/E1 images.go 's/if len(i.Tags) > 0 {/if true {/'
law TestLaws/E1 images.go 's/i.Tags = slices.DeleteFunc(slices.Clone(i.Tags).*/_ = i/'
law TestKept registry.go 's/r.byTag\[t\] = i/_ = t/'
law TestPush images.go 's/tagged != nil \&\& found.immutable(in.ImageTag):/false:/'
law TestPush push.go 's/if errors.Is(err, imageAlreadyExists) {/if errors.Is(err, imageAlreadyExists) \&\& false {/'
law TestLayersAreThere push.go 's/^\tfor _, d := range append(\[\]descriptor{m.Config}, m.Layers...) {/\tfor _, d := range []descriptor{m.Config} {/'
law TestEndpoint registry.go 's/_, host, _ := strings.Cut(h.endpoint(), ".*")/host := h.endpoint()/'
law() { plant examples/localecs/front "$@"; }
law TestLiveImages images.go 's/s.config.Images.Password(s.caller, until)/s.config.Images.Password("", until)/'
law TestImageThatIsMissing kept.go 's/^\ts.simulate(sim.Adopt(config, plane))$/\ts.simulate(sim.Adopt(config, plane))\n\treturn fresh, nil/'
law() { plant ecs/control/internal/discovery "$@"; }
law TestNamespaces namespaces.go 's/if len(n.Services) > 0 {/if false {/'
law TestHealth instances.go 's/case i.Task != "" \&\& m.config.Unhealthy(i.Task),/case false,/'
law TestOperationsAreBounded room.go 's/; over > 0 {/; over > 1<<30 {/'
law TestLaws/D1 instances.go 's/^\tdelete(s.byID, id)$/\t_ = at/'
law() { plant ecs/codedeploy "$@"; }
law TestAppSpec appspec.go 's/(\*o)\[strings.ToLower(key)\] = value/(*o)[key] = value/'
law() { TESTED=ecs/control plant ecs/control/internal/codedeploy "$@"; }
law TestCodeDeployTraffic applications.go 's/return one, other, nil/return other, one, nil/'
