#!/bin/bash
# Breaks placement at least once for each of its laws: every planted fault must be found.
set -eu -o pipefail
. .ci/faults/plant

law() { plant placement "$@"; }

law TestLaws/PL1 shape.go 's/if ((r.a|guardA)-sh.needA)&guardA != guardA || /if /'
law TestLaws/PL1 take.go 's/a, b := r.a+uint64(n)\*s.costA, r.b/a, b := r.a+uint64(n)*s.costA>>1, r.b/'
law TestLaws/PL2 take.go '/^func (x \*Index) takePort/,/^}/s/m.set(slot)/_ = m/'
law TestLaws/PL3 shape.go 's/if !sh.filter.allowed.has(r.class) {/if false {/'
law TestLaws/PL3 shape.go 's/sh.exclude = append(sh.exclude, x.watch(sh.group))/x.watch(sh.group)/'
law TestLaws/PL3 shape.go 's/room := max(roomOf(sh.needB), MaxTasks+1-c)/room := max(roomOf(sh.needB), MaxTasks-c)/'
law TestLaws/PL4 place.go 's/^\t\tin.open() && //;s/return in.open() \&\& p.looksAt/return p.looksAt/'
law TestLaws/PL4 shape.go '/case subject == "task:group"/,/return true/s/sh.volatile = true/_ = sh/'
law TestLaws/PL4 take.go '/^func (x \*Index) Stop/,/^}/s/x.give(slot)/_ = slot/'
law TestLaws/PL4 cursor.go 's/c.from\[b\] = min(c.from\[b\], uint64(x.records\[p\].rank))/_ = b/'
law TestLaws/PL4 cursor.go 's/x.givings-c.seen > x.limits.given/false/'
law TestLaws/PL4 journal.go '/case opFreePort:/,/case opAdd:/s/x.takePort(c.slot, c.n)/_ = c/'
law TestLaws/PL4 upsert.go '/^func (x \*Index) newClass/,/^}/s/f.allowed.set(class)/_ = f/'
law TestLaws/PL4 upsert.go 's/m.free.ENI = in.registered.ENI - used.ENI/_ = used/'
law TestLaws/PL4 plan.go 's/by, pl.ties = byMemory, len(rest) > 1/by, pl.ties = byMemory, false/'
law TestLaws/PL4 placen.go 's/if s.single || /if /'
law TestLaws/PL4 probe.go 's/s.cpu <= k.cpu \&\& /s.cpu <= k.cpu+8 \&\& /'
law TestLaws/PL5 group.go 's/g.counts\[k\]\[x.valueOf(dim, slot)\] += uint32(d)/_, _ = k, dim/'
law TestLaws/PL6 snapshot.go 's/^\tslices.SortFunc(s.instances, .*$//'
law TestLaws/PL6 narrow.go 's/counts\[s.instances\[sh.instance\].value(attribute)\] += int64(sh.count)/counts[s.instances[sh.instance].value(attribute)] += int64(sh.instance)/'
law TestLaws/PL7 journal.go '/case opReserve:/,/case opStop:/s/x.freePort(c.slot, code)/_ = code/'
law TestLaws/PL7 take.go 's/x.count(s.group, slot, -int32(room))$/_ = room/'
law TestLaws/PL8 reason.go 's/if !p.reaches(in.facts) {/if false {/'
law TestLaws/PL4 narrow.go 's/keys\[i\] = max(s.instances\[c\].free.CPU, 0)/keys[i] = -s.instances[c].free.CPU/'
law TestLaws/PL8_smallest explain.go 's/cmp.Or(len(v.Reasons)-len(best.Reasons), /cmp.Or(/'
law TestLaws/PL8_smallest explain.go 's/e.Remedies = append(e.Remedies, r.remedy(best.Instance))/r.Have = max(r.Have, 0); e.Remedies = append(e.Remedies, r.remedy(best.Instance))/'
law TestLaws/PL9 draw.go 's/hi, _ := bits.Mul64(d.next(), uint64(n))/hi, _ := bits.Mul64(d.next()>>60<<60, uint64(n))/'
law TestLaws/PL9 search.go 's/return x.scratch\[d.below(len(x.scratch))\], true/return x.scratch[0], true/'
law TestNoAllocations take.go 's/^\tx.note(change{op: opReserve, .*$/&\n\tx.saved = append([]image(nil), make([]image, 1)...)[:0]/'
law TestBadInput program.go 's/if len(r.Strategy) > MaxStrategies {/if len(r.Strategy) > MaxStrategies+1 {/'
