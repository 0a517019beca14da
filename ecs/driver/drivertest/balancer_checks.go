package drivertest

import (
	"context"
	"time"

	"github.com/bayplan/bayplan/loadbalance"
)

func balancerChecks() []check[*balanced] {
	ctx := context.Background()
	return []check[*balanced]{
		{"shares", func(p *probe, b *balanced) {
			if !b.listen(p) {
				return
			}
			b.serves(p, blueArn, "a", "b", "c")
			got := b.shares(90)
			for _, name := range []string{"a", "b", "c"} {
				if got[name] < 15 {
					p.errorf("of 90 requests to three targets, %s got %d: %v", name, got[name], got)
				}
			}
		}},
		{"drains", func(p *probe, b *balanced) {
			if !b.listen(p) {
				return
			}
			b.serves(p, blueArn, "a")
			slow := make(chan string, 1)
			go func() { slow <- b.get("/slow") }()
			<-b.servers["a"].begun
			b.serves(p, blueArn, "b")
			begin := time.Now()
			p.works(b.DeregisterTarget(ctx, b.deregister(blueArn, "a")), "DeregisterTarget")
			host, port := b.servers["a"].host()
			time.Sleep(200 * time.Millisecond)
			if p.health(host, port) == loadbalance.StateUnused && time.Since(begin) < 1900*time.Millisecond {
				p.errorf("a target with a request in flight is unused before its deregistration delay has passed")
			}
			b.only(p, "while a drains", "b")
			b.servers["a"].letGo()
			if answer := <-slow; answer != "a" {
				p.errorf("a request in flight on a target that drains got %q", answer)
			}
			p.patiently(2*time.Second, func() bool {
				return p.eventually(`TargetHealth "unused" of a drained target`, func() bool {
					return p.health(host, port) == loadbalance.StateUnused
				})
			})
			b.only(p, "when a has drained", "b")
		}},
		{"weighs", func(p *probe, b *balanced) {
			if !b.listen(p) {
				return
			}
			b.serves(p, blueArn, "a")
			b.serves(p, greenArn, "b")
			b.only(p, "with weights 100 and 0", "a")
			p.works(b.ModifyTraffic(ctx, b.traffic(50)), "ModifyTraffic")
			b.only(p, "with weights 50 and 50", "a", "b")
			p.works(b.ModifyTraffic(ctx, b.traffic(0)), "ModifyTraffic")
			b.only(p, "with weights 0 and 100", "b")
		}},
		{"weighs late", func(p *probe, b *balanced) {
			if !b.listen(p) {
				return
			}
			b.serves(p, blueArn, "a")
			b.serves(p, greenArn, "b")
			late := b.traffic(100)
			p.works(b.ModifyTraffic(ctx, b.traffic(0)), "ModifyTraffic")
			_ = b.ModifyTraffic(ctx, late) // it may say so
			b.only(p, "after a late ModifyTraffic", "b")
		}},
		{"restart", func(p *probe, b *balanced) {
			if b.Restart == nil || !b.listen(p) {
				return
			}
			b.serves(p, blueArn, "a", "b")
			b.serves(p, greenArn, "c")
			late, heavy := b.register(blueArn, "b"), b.traffic(100)
			p.works(b.DeregisterTarget(ctx, b.deregister(blueArn, "b")), "DeregisterTarget")
			p.works(b.ModifyTraffic(ctx, b.traffic(50)), "ModifyTraffic")
			b.LoadBalancer = b.Restart()
			p.eventually("an answer after a restart", func() bool {
				answer := b.get("/")
				return answer == "a" || answer == "c"
			})
			b.only(p, "after a restart", "a", "c")
			_ = b.RegisterTarget(ctx, late)
			_ = b.ModifyTraffic(ctx, heavy)
			p.settle()
			b.only(p, "after late commands of the life before", "a", "c")
		}},
	}
}
