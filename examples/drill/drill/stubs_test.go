package drill_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/drill/play"
	"github.com/bayplan/bayplan/examples/drill/scenario"
	"github.com/bayplan/bayplan/examples/drill/stage"
	"github.com/bayplan/bayplan/examples/drill/stub/tool"
	"github.com/bayplan/bayplan/examples/drill/verdict"
	"github.com/bayplan/bayplan/internal/script"
)

// stub is one of the tools, in this process.
type stub string

// Deploy is play.Tool's.
func (s stub) Deploy(ctx context.Context, endpoint string, n scenario.Names) verdict.Ending {
	deploy, _ := tool.Named(string(s))
	err := deploy(ctx, tool.Orders{Endpoint: endpoint, Cluster: n.Cluster, Service: n.Service, Family: n.Family,
		Container: n.Container, Image: n.Image, AppSpec: n.Document(), Application: n.Application(), Group: n.Group(),
		Polls: 40, Out: io.Discard})
	if err != nil {
		return verdict.Ending{Code: 1, Output: err.Error()}
	}
	return verdict.Ending{}
}

// The verdict on each tool in each scenario at both paces. The honest tool passes all, each other one fails where it
// is wrong, and in each scenario one of them fails.
//
// Seen to fail: a truth that is read from the service's counts; a revision that is thought unused though a deployment
// and tasks have it; an exit before the deployment's end that passes; a deployment of somebody else's that counts as
// the command's; desired counts that are not looked at.
func TestVerdicts(t *testing.T) {
	all, err := scenario.Own()
	require.NoError(t, err)
	cells := map[string]map[string][]string{}
	for _, name := range tool.Names() {
		play.All(t.Context(), play.Config{Scenarios: all, Paces: stage.Paces(), Names: scenario.Default()}, stub(name),
			func(r verdict.Result) {
				if cells[r.Scenario.Name] == nil {
					cells[r.Scenario.Name] = map[string][]string{}
				}
				cells[r.Scenario.Name][name] = append(cells[r.Scenario.Name][name], r.Says())
				if name == "honest" {
					require.True(t, r.Passed, "%s at %s: %v", r.Scenario.Name, r.Pace, r.Why)
				}
				for _, run := range r.Runs {
					if len(run.Facts.Mine) > 0 && name != "hasty" {
						require.Contains(t, r.Scenario.Truth, run.Truth(), r.Scenario.Name)
					}
				}
			})
	}
	var b strings.Builder
	line := func(first string, cell func(name string) string) {
		text := fmt.Sprintf("%-34s", first)
		for _, name := range tool.Names() {
			text += fmt.Sprintf(" %-9s", cell(name))
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	line("", func(name string) string { return name })
	for _, s := range all {
		failed := false
		line(s.Name, func(name string) string {
			both := cells[s.Name][name]
			require.Len(t, both, 2, s.Name)
			require.Equal(t, both[0], both[1], "%s, %s: the paces differ", s.Name, name)
			failed = failed || !strings.HasPrefix(both[0], "OK")
			return both[0]
		})
		require.True(t, failed, "%s: nobody fails it", s.Name)
	}
	script.Golden(t, "testdata/verdicts.txt", b.String())
}
