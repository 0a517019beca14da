package loadbalance

import (
	"encoding/json"
	"testing"

	"github.com/bayplan/bayplan/ecs"
)

// FuzzParseRange: what parses is what was written, and lies where ports do.
func FuzzParseRange(f *testing.F) {
	for _, s := range []string{"32768-60999", "1-65535", "0-1", "9-3", "7", "00007-8", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := ParseRange(s)
		if err != nil {
			return
		}
		again, err := ParseRange(r.String())
		if err != nil || again != r || r.Len() < 1 || !r.Contains(r.First) || !r.Contains(r.Last) {
			t.Fatalf("%q is %+v, again %+v, %v", s, r, again, err)
		}
	})
}

// FuzzRestorePorts: whatever is accepted is a book that works and keeps its state.
func FuzzRestorePorts(f *testing.F) {
	f.Add(
		[]byte(
			`{"held":[{"port":80,"protocol":"tcp","task":"t","byTask":true,"static":true},{"port":32768,"protocol":"udp","task":"u","targets":2}],"lastTcp":5}`))
	f.Add([]byte(`{"held":[{"port":80,"protocol":"tcp","task":"t"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var s PortsState
		if json.Unmarshal(text, &s) != nil {
			return
		}
		p, err := RestorePorts(nil, s)
		if err != nil {
			return
		}
		if !equalStates(p.State(), s) {
			t.Fatalf("%+v is not %+v", p.State(), s)
		}
		free := p.usage(ecs.TransportProtocolTcp).free
		if _, err := p.Allocate("new", ecs.TransportProtocolTcp); (err == nil) != (free > 0) {
			t.Fatalf("%d free, %v", free, err)
		}
	})
}

// FuzzRestoreTargets: whatever is accepted is a book that takes checks and drains.
func FuzzRestoreTargets(f *testing.F) {
	f.Add(
		[]byte(
			`{"group":{"targetType":"ip"},"targets":[{"id":"10.0.0.1","port":80,"task":"t","state":"healthy","since":5}]}`))
	f.Add(
		[]byte(
			`{"group":{"slowStartSeconds":30},"targets":[{"id":"i-1","port":80,"task":"t","state":"draining","drainedAt":7}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var s TargetsState
		if json.Unmarshal(text, &s) != nil {
			return
		}
		ts, err := RestoreTargets(s)
		if err != nil {
			return
		}
		for target := range ts.All() {
			if got, ok := ts.Get(target.ID, target.Port); !ok || got != target {
				t.Fatalf("%+v is not found", target)
			}
		}
		for i := range s.Targets {
			ts.Check(s.Targets[i].ID, s.Targets[i].Port, start, Answer{Code: 500})
			if _, err := ts.Deregister(s.Targets[i].Task, s.Targets[i].TargetDescription, start); err != nil {
				t.Fatal(err)
			}
		}
		for i, w := range ts.Weights(nil, start) {
			if w != 0 {
				t.Fatalf("draining target %d has weight %d", i, w)
			}
		}
		if _, err := RestoreTargets(ts.State()); err != nil {
			t.Fatal(err)
		}
	})
}

// FuzzRoute: no request and no pattern stops a listener that is valid.
func FuzzRoute(f *testing.F) {
	f.Add(
		[]byte(
			`{"rules":[{"priority":1,"conditions":[{"field":"path-pattern","values":["/a*"]}],"action":{"forward":{"targetGroups":[{"targetGroupArn":"a"}]}}}],"defaultAction":{"forward":{"targetGroups":[{"targetGroupArn":"b","weight":3}]}}}`), "/abc", "example.com")
	f.Fuzz(func(t *testing.T, text []byte, path, host string) {
		var l Listener
		if json.Unmarshal(text, &l) != nil || l.Validate() != nil {
			return
		}
		action, i := l.Route(Request{Path: path, Host: host, Method: "GET"})
		for j, rule := range l.Rules {
			if rule.matches(Request{Path: path, Host: host, Method: "GET"}) &&
				(i < 0 || rule.Priority < l.Rules[i].Priority) {
				t.Fatalf("rule %d was not chosen but %d", j, i)
			}
		}
		if _, ok := action.Forward.Pick(1, 2); !ok && (action.Type == "" || action.Type == ActionTypeForward) {
			t.Fatal("a valid forward picks a group")
		}
	})
}
