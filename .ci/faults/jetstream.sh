#!/bin/bash
# Lets two members write one journal, or lets one lose what it has acknowledged, or answer what is too old: every
# planted fault must be found.
set -eu -o pipefail
. .ci/faults/plant
cd examples/jetstream # a module of its own

twin() { plant stream "$@"; }
kept() { plant journal "$@"; }
twin TestBothAreTheSame memory.go 's/if last != s.last() \&\& !s.unsafe {/if false {/'
twin TestBothAreTheSame memory.go 's/if first, ok := s.ids\[id\]; ok {/if first, ok := s.ids[id]; ok \&\& false {/'
twin TestBothAreTheSame memory.go 's/s.list\[before-s.first:\]/s.list[min(before, uint64(len(s.list))):]/'
twin TestBothAreTheSame nats.go 's/return s.own(ctx, id, last+1)/return 0, ErrConflict/'
twin TestSettings settings.go 's/^\tfault(have.AllowDirect || .*$//'
twin TestSettings settings.go 's/^\tfault(drops, .*$/\t_ = drops/'
twin TestOpenRefuses settings.go 's/if faults := Faulty(.*); len(faults) > 0 {/if faults := Faulty(want, want); len(faults) > 0 {/'
twin TestOpenRefuses settings.go 's/^\t\tif err != nil {$/\t\tif false {/'
kept TestJournalKeepsTheContract/memory journal.go 's/if c.Unclaimed \&\& r.plane != nil {/if r.plane != nil {/'
kept TestJournalKeepsTheContract/memory journal.go 's/range parts {/range parts[:1] {/'
kept TestOpen/memory journal.go 's/from := j.last + 1/from := j.last + 2/'
kept TestOpen/memory journal.go 's/^\tbefore := j.before$/\tbefore := j.latest/'
kept TestDamagedSnapshot snapshot.go 's/if got := hex.*; got != digest {/if got := ""; false {/'
kept TestDamagedSnapshot replica.go 's/if h.Snapshot.Previous == 0 {/if true {/'
kept TestDamagedSnapshot journal.go 's/^\tbefore := j.before$/\tbefore := j.latest/'
kept TestShorter journal.go 's/case b.Identity != r.identity || b.Last < r.applied:/case false:/'
kept TestHalfAGroup replica.go 's/r.term, r.group, r.parts = h.Term, nil, 0/r.term = h.Term/'
kept TestLaws$ journal.go 's/return strconv.FormatUint(j.term, 10) + "."/return time.Now().String() + "."/'
kept TestHandover/memory journal.go 's/Format: stateFormat(s.Format), Sequence/Format: "state", Sequence/'
kept TestHandover/memory replica.go 's/case r.config.newer(h.Rules):/case false:/'
kept TestClock/memory journal.go 's/case asked.Sub(server) > mostOff:/case false:/'
kept TestClock/memory journal.go 's/case server.Sub(answered) > mostOff:/case false:/'
kept TestClock/JetStream journal.go 's/case asked.Sub(server) > mostOff:/case false:/'

led() { FLAGS='-schedules 8' TESTED=lead plant "$@"; }
led lead TestReads read.go 's/ || b.Silence > 2\*n.config.Beat//'
led lead TestUpgrade member.go 's/err := j.Handover(ctx, plane.State())/err := error(nil)/'
led journal TestClock journal.go 's/if err := compare(asked, c.Now(), b.Now); err != nil {/if err := compare(asked, c.Now(), asked); err != nil {/'
led journal TestSchedules$ journal.go 's/if c.Unclaimed \&\& r.plane != nil {/if r.plane != nil {/'
led remote TestSchedules$ agents.go 's/p.Observe(now, ev.Event)/_ = ev/'
led stream TestSchedules$ memory.go 's/if last != s.last() \&\& !s.unsafe {/if false {/'

judged() { plant check TestClauses check.go "$@"; }
judged 's/if began\[r\]++; began\[r\] == 2 {/if began[r]++; began[r] < 0 {/'
judged 's/if !j.Decided\[s.Key\] {/if false {/'
judged 's/if j.Digests\[p.Record\] != p.Digest {/if false {/'
judged 's/ok \&\& k != s.Key {/ok \&\& k != s.Key \&\& false {/'
judged 's/case !ok \&\& s.Created:/case false:/'
judged 's/if err != nil || len(out.Tasks) != 1 {/if err != nil || len(out.Tasks) > 1 {/'
judged 's/ok \&\& !Steady(got)/ok \&\& !Steady(got) \&\& false/'

plant serve TestAnyMember serve.go 's/case reads(r) \&\& r.Header.Get(ConsistentHeader) == "" \&\& /case reads(r) \&\& /'
plant serve TestAnyMember serve.go 's/case r.Method == http.MethodPost:/case false:/'
plant serve TestTooLarge forward.go 's/const mostCarried = 600 << 10/const mostCarried = 6 << 20/'
