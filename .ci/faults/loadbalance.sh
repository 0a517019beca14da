#!/bin/bash
# Breaks the books of ports, targets and traffic a few times for each of their laws: every planted
# fault must be found, by the law that it breaks.
set -eu -o pipefail
. .ci/faults/plant

law() { plant loadbalance "$@"; }

law TestLaws/B1 targets.go 's/if found && ts.list\[i\].Task != task {/if false \&\& found {/'
law TestLaws/B1 targets.go 's/if !found || ts.list\[i\].Task != task {/if !found {/'
law TestLaws/B1 targets.go 's/!held || h.Task != task || !h.ByTask ||/!held ||/'
law TestLaws/B1 targets.go 's/if !t.Drained(now) {/if t.State != StateDraining {/'
law TestLaws/B1 ports.go 's/if !kept && h.targets == 0 {/if !kept {/'
law TestLaws/B1 ports.go 's/if h := p.held\[i\]; h.targets == 0 && !h.byTask {/if h := p.held[i]; h.targets == 0 {/'
law TestHistories$ ports.go 's/^\tdst = p.release(dst, task, keys)$//'
law TestLaws/B2 ports.go 's/start = keyOf(protocol, given) + 1$/start = keyOf(protocol, given)/'
law TestLaws/B2 ports.go 's/^\t\tkey, ok = p.firstRun(first, last, n)$//'
law TestLaws/B2 ports.go 's/^\t\trun = min(run, int(reserved\[i\]-key))$//'
law TestLaws/B2 layout.go 's/if protocol == ecs.TransportProtocolUdp {/if false {/'
law TestLaws/B3 routing.go 's/if t.State == StateUnhealthy || t.State == StateInitial {/if t.State != "" {/'
law TestLaws/B3 target.go 's/case t.State != StateHealthy:/case t.State == StateInitial:/'
law TestLaws/B3 pick.go 's/if w > 0 \&\& count(outstanding, i) == fewest {/if w >= 0 \&\& count(outstanding, i) == fewest {/'
law TestLaws/B4 target.go 's/case t.Passed >= need:/case t.Passed > need:/'
law TestLaws/B4 target.go 's/case t.Failed >= h.UnhealthyThreshold:/case t.Failed > h.UnhealthyThreshold:/'
law TestLaws/B4 target.go 's/need = 1$/need = 2/'
law TestLaws/B4 target.go 's/t.Passed, t.Failed, t.Code = 0, min/_, t.Failed, t.Code = 0, min/'
law TestLaws/B5 pick.go 's/for gcd(s, total) != 1 {/for false {/'
law TestLaws/B5 pick.go 's/if position < uint64(w) {/if position <= uint64(w) {/'
law TestLaws/B5 target.go 's/now).Sub(t.RampFrom) < g.SlowStart()/now).Sub(t.RampFrom) <= g.SlowStart()+time.Second/'
law TestLaws/refusal bindings.go 's/^\t\tp.undo(log)$/\t\t_ = log/'
law TestLaws/refusal bindings.go 's/p.last, p.static = last, static/_, p.static = last, static/'
law TestLaws/restore targets_state.go 's/^\t\t\tts.draining++$//'
law TestShift listener.go 's/b, g = b\/percent, g\/percent/b, g = b\/percent, g/'
law TestRoute listener.go 's/l.Rules\[i\].Priority < l.Rules\[best\].Priority/l.Rules[i].Priority > l.Rules[best].Priority/'
law TestWildcards condition.go 's/p, i = star+1, mark/p, i = star, mark+1/'
law TestCheckService attach.go 's/return ecs.OnFargate(c.service.LaunchType, .*/return c.service.LaunchType == ecs.LaunchTypeFargate/'
