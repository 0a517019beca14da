#!/bin/bash
# Breaks what the census counts, once for each counter and each list: a test must see every fault.
set -eu -o pipefail
. .ci/faults/plant
CHECKS=${CHECKS:-3000}
FLAGS=${FLAGS--rapid.seed=1} # the same draws each time: a fault that goes unseen is a change of the tests

census() { plant ecs/scheduler "$@"; }

# What a standing counts for: the plans differ.
census TestCensus cohort.go 's/^\t\tn.pending += d$/\t\t_ = d/'
census TestCensus cohort.go 's/^\t\tn.freePending += free$//'
census TestCensus cohort.go 's/^\t\tn.healthy += d$//'
census TestCensus cohort.go 's/^\t\tn.freeHealthy += free$//'
census TestCensus cohort.go 's/^\t\tn.unhealthy += d$//'
census TestCensus cohort.go 's/^\t\tn.leaving += d$//'
census TestCensus cohort.go 's/^\t\tc.expelled += d$//'
census TestCensus cohort.go '/^\tcase standsStopping:$/,/^\tcase/s/^\t\tn.stopping += d$//'
census TestCensus cohort.go '/^\tcase standsExpelled:$/,/^\t\tc.exp/s/^\t\tn.stopping += d$//'
census TestCensus cohort.go 's/^\t\tc.over += d$//'
census TestCensus cohort.go 's/^\tc.tasks += d$//'
census TestCensus cohort.go 's/return c.tally.live() + c.expelled/return c.tally.live()/'
census TestCensus cohort.go 's/is == standsLeaving \&\& !protected:/is == standsLeaving:/'
census TestCensus cohort.go 's/^\tcase is == standsUnhealthy:$/\tcase is == standsUnhealthy \&\& !protected:/'
census TestCensus cohort.go '/^func (p \*places) enter/,/^}/s/p.list\[i\].free++/_ = i/'
census TestCensus cohort.go '/^func (p \*places) leave/,/^}/s/p.list\[i\].free--/_ = i/'

# What is taken back.
census TestCensus census.go '/^func (c \*Census) Drop/,/^}/s/^\tc.discount(slot)$//'
census TestCensus census.go 's/^\te.cohort.count(e.standing, e.protected, -1)$//'
census TestCensus census.go '/^func (c \*Census) discount/,/^}/s/c.zones.leave(e.zone, !e.protected)/_ = e/'
census TestCensus census.go '/^func (c \*Census) discount/,/^}/s/e.cohort.providers.leave(e.provider, !e.protected)/_ = e/'
census TestCensus census.go '/^func (c \*Census) discount/,/^}/s/^\t\tq.Remove(/\t\t_ = (/'
census TestCensus census.go '/^func (c \*Census) discount/,/^}/s/c.restless.Remove(/_ = (/'
census TestCensus census.go '/^func (c \*Census) discount/,/^}/s/c.due.Remove(/_ = (/'

# When a task is due, and what a plan has to say of it.
census TestCensus census.go 's/^\t\te.due = t.ProtectedUntil$//'
census TestCensus census.go 's/(e.due == 0 || t.ProtectedUntil < e.due)/e.due == 0/'
census TestCensus census.go 's/^\te.standing, e.due = e.cohort.checks.judge(t, now)$/\te.standing, _ = e.cohort.checks.judge(t, now)/'
census TestCensusRefuses census.go 's/ok \&\& m.at <= ecs.At(now) {/ok \&\& m.at < 0 {/'
census TestCensus census.go '/^func (c \*Census) Due/,/^}/s/m.at > ecs.At(now)/m.at >= ecs.At(now)/'
census TestCensus census.go '/^func (c \*Census) count/,/^}/s/^\t\tr.wake(m.at)$/\t\t_ = m/'
census TestCensus census.go 's/e.restless = e.standing != standsStopping/e.restless = e.standing == standsStopped/'
census TestCensus census.go 's/e.restless = t.Noted != ecs.HealthStatusHealthy/e.restless = t.Noted == ""/'
census TestCensus census.go 's/e.restless = t.Noted != ecs.HealthStatusUnhealthy/e.restless = t.Noted == ""/'
census TestCensus census.go 's/^\tcase standsExpelled, standsStopped:$/\tcase standsStopped:/'
census TestCensus census.go 's/^\t\t\tr.orphans = true$//'
census TestCensus census.go 's/if g.at >= 0 {/if true {/; s/^\t\t\*r.tally(g.at) = g.tally$/\t\tif g.at >= 0 {\n\t\t\t*r.tally(g.at) = g.tally\n\t\t}/'
census TestCensus census.go 's/t.StartedAt != 0 \&\& t.StartedAt != e.known/false/'
census TestCensus census.go 's/any \&\& e.kept.StartedAt <= until {/any || until < 0 {/'
census TestCensus census.go 's/^\treturn now, d.Started$/\treturn now, true/'
census TestCensus census.go 's/^\tif d.Throttle.Attempts > 0 {$/\tif false {/'
census TestCensus census.go 's/e.cohort.recalls \&\& t.StartedAt <= e.cohort.until {/e.cohort.recalls {/'
census TestCensus census.go 's/^\t\te.cohort, e.known = g, 0$/\t\te.cohort = g/'

# What voids a census, the order of the view, and who may be stopped.
census TestCensus census.go 's/(!g.known || g.checks != of)/!g.known/'
census TestCensus census.go 's/(!g.known || g.checks != of)/g.known \&\& g.checks != of/'
census TestCensusOfTwins census.go '/^func (c \*Census) adopt/,/^}/s/^\t\t\tcontinue \/\/ of two.*$//'
census TestCensus census.go '/^\tfor id, g := range/,/^}/s/case g.tasks > 0:/case g.tasks < 0:/'
census TestCensus census.go '/^func (c \*Census) remaining/,/^}/s/cmp.Compare(a.seq, b.seq)/cmp.Compare(b.seq, a.seq)/'
census TestCensus census.go 's/ || c.entries\[slot\].protected {/ {/'

# Daemons, by instance.
census TestCensus post.go 's/^\t\tc.posts.active += d$//'
census TestCensus post.go 's/^\t\tc.posts.strays += .*$//'
census TestCensus post.go 's/^\t\tc.posts.held += d \* healthy$/\t\t_ = healthy/'
census TestCensus post.go 's/ \&\& !p.Disconnected, d)/, d)/'
census TestCensus post.go 's/len(p.tasks) == 0 \&\& !p.Disconnected/!p.Disconnected/'
census TestCensus post.go 's/case p.Draining \&\& p.ReplicaTasks == 0:/case p.Draining \&\& p.ReplicaTasks < 0:/'
census TestCensus post.go 's/^\tcase live > 1:$/\tcase live > 2:/'
census TestCensus post.go 's/^\t\tb.n += d$//'
census TestCensus post.go 's/e.standing == standsUnhealthy || e.standing == standsPending \&\& free, d)/e.standing == standsPending \&\& free, d)/'
census TestCensus post.go 's/e.standing == standsPending \&\& free, d)/false, d)/'
census TestCensus post.go 's/e.standing == standsHealthy \&\& free, d)/false, d)/'
census TestCensusOfHeldDaemons post.go 's/^\tb.down -= c.posts.held$//'
census TestCensus post.go 's/violated := c.posts.strays > 0/violated := false/'
census TestCensus post.go 's/violated = violated || !e.on.listed/_ = violated/'
census TestCensus post.go '/^func (r \*run) uncrowd/,/^}/s/cmp.Compare(c.entries\[a\].seq, c.entries\[b\].seq)/cmp.Compare(c.entries[b].seq, c.entries[a].seq)/'
census TestCensus post.go 's/if n++; n > b.down {/if n++; n > b.down-1 {/'
census TestCensus post.go 's/^\tslices.SortFunc(old, moored.Compare)$//'
census TestCensus post.go 's/^\t\t\tleft++$//'
census TestCensusOfIllDaemons post.go 's/(!ok || m.Compare(first) < 0)/!ok/'
census TestCensus post.go 's/^\tc.change(i.ID, func(p \*post) { p.Instance, p.listed = i, true })$/\tc.change(i.ID, func(p *post) { p.Instance, p.listed = i, p.listed || !i.Draining })/'
census TestCensus census.go 's/^\tc.alight(slot)$//'

# The sets that stay sorted.
pages() { plant internal/ordered "$@"; }
pages TestSet ordered.go 's/^\t\tp = p\[:pageMax\/2\]$//'
pages TestSet ordered.go 's/^\t\ts.pages = slices.Delete(s.pages, page, page+1)$//'
pages TestSet ordered.go 's/^\t\ts.pages\[last\] = append(s.pages\[last\], x)$/\t\ts.pages[last] = append([]T{x}, s.pages[last]...)/'
pages TestSet ordered.go '/^func (s \*Set\[T\]) Add/,/^}/s/^\ts.n++$//'
pages TestSet ordered.go 's/^\tcase found:$/\tcase found \&\& page == 0:/'
pages TestSet ordered.go 's/^\t\tat += len(p)$/\t\tat += min(len(p), 1)/'
pages TestSet ordered.go 's/^\t\tk -= len(s.pages\[page\])$/\t\tk -= pageMax\/2/'
