package control_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
)

// oldState is a State that the rules "2026-11" wrote: a service behind a target group, a standalone
// task with overrides, one that waits for its capacity provider.
func oldState(t testing.TB) control.State {
	t.Helper()
	data, err := os.ReadFile("testdata/state-2026-11.json")
	require.NoError(t, err)
	var s control.State
	require.NoError(t, json.Unmarshal(data, &s))
	return s
}

// A State of older rules opens and runs on; records of older rules are refused by name.
func TestStateOfOldRules(t *testing.T) {
	s := oldState(t)
	require.Equal(t, "2026-11", s.Rules)
	p, err := control.Restore(s, control.Config{})
	require.NoError(t, err)
	require.Equal(t, control.Rules, p.State().Rules)
	services := must(p.DescribeServices(api.DescribeServicesInput{Services: []string{"web"}})).Services
	require.Equal(t, 2, services[0].DesiredCount)
	require.NoError(t, drive(p))

	_, err = control.Replay(s, control.Config{}, func(func(control.Record, error) bool) {})
	require.ErrorContains(t, err, `"2026-11"`)
	require.ErrorContains(t, err, `"`+control.Rules+`"`)
}

// When the last client token has expired, the State is the same bytes after Restore.
//
// Seen to fail: lists of a document that are left out when they are nil, but not when they are empty.
func TestStateWithoutTokens(t *testing.T) {
	s := newSmall(t)
	s.define("")
	s.join("")
	ask(s, s.plane.RunTask, `{"taskDefinition":"web","clientToken":"t"}`)
	s.pass(25 * time.Hour)
	ask(s, s.plane.RunTask, `{"taskDefinition":"web"}`) // looks: State, Restore, State
	require.NotContains(t, stateOf(s.plane), `"tokens"`)
}

// What is no state of a plane is refused, with the path of what is wrong.
func TestRestoreNamesThePath(t *testing.T) {
	for _, row := range []struct{ old, new, want string }{
		{`"tasks":[`, `"tasks":[null,`, "clusters[0].tasks[0]: it is null."},
		{`"services":[`, `"services":[null,`, "clusters[0].services[0]: it is null."},
		{`"tokens":[`, `"tokens":[null,`, "tokens[0]: it is null."},
		{`"outstanding":[`, `"outstanding":[null,`, "outstanding[0]: it is null."},
		{`"capacityProviders":[{`, `"capacityProviders":[null,{`, "capacityProviders[0]: it is null."},
		{`"targetGroups":[`, `"targetGroups":null,"groups":[`, `targets[0]: there is no target group "arn:`},
		{`"launchType":"EC2"`, `"launchType":"STOPPED"`, `launchType: "STOPPED" is not a LaunchType.`},
		{`"resend":120000000000`, `"resend":-1`, "config.retry.resend: -1ns is negative."},
		{`"base":1000000000`, `"base":-2`, "config.retry.base: -2ns is negative."},
		{`"registry":{`, `"registry":null,"other":{`, "registry: it is null."},
		{`"containerCount":1`, `"containerCount":2`, "its machine has 2 containers, its definition 1"},
	} {
		s := oldState(t)
		document := compact(t, s.Document)
		require.Contains(t, document, row.old)
		s.Document = json.RawMessage(strings.Replace(document, row.old, row.new, 1))
		_, err := control.Restore(s, control.Config{})
		require.ErrorContains(t, err, row.want)
	}
}

func compact(t testing.TB, data []byte) string {
	var v any
	require.NoError(t, json.Unmarshal(data, &v))
	out, err := json.Marshal(v)
	require.NoError(t, err)
	return string(out)
}

var restoreAll = flag.Bool("restore.all", false,
	"TestRestoreAnything puts each value in each place, and not every eighth")

// spoiled are the values that stand in for any of a document.
func spoiled() []any {
	return []any{nil, -1.0, 0.0, 7.0, 1e18, "", "STOPPED", "web", true, []any{}, map[string]any{}, []any{nil}}
}

// Whatever stands in the place of any one value of a State, Restore refuses it or makes a plane
// that runs on without contradicting itself; it does not panic, and it comes back.
//
// Seen to fail: Restore without document.wrong, in 11 ways.
func TestRestoreAnything(t *testing.T) {
	s := oldState(t)
	refused, taken := 0, 0
	n := len(places(t, s.Document))
	for i := range n {
		for k := range spoiled() {
			if !*restoreAll && (i+k)%8 != 0 {
				continue
			}
			var document any
			require.NoError(t, json.Unmarshal(s.Document, &document))
			place := nodes(&document)[i]
			place.set(spoiled()[k])
			if err := restored(s, document); err == errRefused {
				refused++
			} else if err != nil {
				t.Errorf("%s = %#v: %v", place.path, spoiled()[k], err)
			} else {
				taken++
			}
		}
	}
	t.Logf("%d places: %d documents refused, %d taken", n, refused, taken)
	require.NotZero(t, refused)
	require.NotZero(t, taken)
}

// FuzzRestore puts values in several places at once.
func FuzzRestore(f *testing.F) {
	f.Add([]byte{1, 2, 3})
	f.Add([]byte{9, 200, 0, 3, 77, 5})
	f.Fuzz(func(t *testing.T, changes []byte) {
		s := oldState(t)
		var document any
		require.NoError(t, json.Unmarshal(s.Document, &document))
		for len(changes) >= 3 {
			list := nodes(&document)
			if len(list) == 0 {
				break
			}
			list[(int(changes[0])<<8|int(changes[1]))%len(list)].set(spoiled()[int(changes[2])%len(spoiled())])
			changes = changes[3:]
		}
		if err := restored(s, document); err != nil && err != errRefused {
			t.Fatal(err)
		}
	})
}

var errRefused = fmt.Errorf("refused")

// restored restores a document and drives the plane.
func restored(s control.State, document any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	if s.Document, err = json.Marshal(document); err != nil {
		return err
	}
	p, err := control.Restore(s, control.Config{})
	if err != nil {
		return errRefused
	}
	return drive(p)
}

// drive lets a plane run for a while: time passes, tasks and services come and go.
func drive(p *control.Plane) error {
	now := p.Now()
	step := func() error {
		r := p.Ready()
		p.Advance(r)
		now = now.Add(10 * time.Minute)
		if now.Before(p.Now()) {
			now = p.Now()
		}
		p.Tick(now)
		return p.Check()
	}
	_, _ = p.RunTask(now, api.RunTaskInput{TaskDefinition: "web"}) // refusals are fine
	if err := step(); err != nil {
		return err
	}
	_, _ = p.UpdateService(now, api.UpdateServiceInput{Service: "web", DesiredCount: ecs.Some(1),
		ForceNewDeployment: true})
	if err := step(); err != nil {
		return err
	}
	for range 4 {
		if err := step(); err != nil {
			return err
		}
	}
	if _, err := control.Restore(p.State(), control.Config{}); err != nil {
		return fmt.Errorf("what Check takes, Restore refuses: %w", err)
	}
	return nil
}

// node is a place of a document.
type node struct {
	path string
	set  func(v any)
}

func places(t *testing.T, document []byte) []node {
	var v any
	require.NoError(t, json.Unmarshal(document, &v))
	return nodes(&v)
}

// nodes lists every place of a document below its top, in order.
func nodes(top *any) []node {
	var list []node
	var walk func(v any, path string)
	walk = func(v any, path string) {
		switch v := v.(type) {
		case map[string]any:
			names := make([]string, 0, len(v))
			for name := range v {
				names = append(names, name)
			}
			slices.Sort(names)
			for _, name := range names {
				list = append(list, node{path + "." + name, func(x any) { v[name] = x }})
				walk(v[name], path+"."+name)
			}
		case []any:
			for i := range v {
				at := fmt.Sprintf("%s[%d]", path, i)
				list = append(list, node{at, func(x any) { v[i] = x }})
				walk(v[i], at)
			}
		}
	}
	walk(*top, "")
	return list
}
