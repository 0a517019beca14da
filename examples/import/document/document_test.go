package document_test

import (
	"bytes"
	"fmt"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// TestFargateSize asks every size in steps of a CPU's eighth and 256 MiB.
// Seen to fail with next returning 2048 more.
func TestFargateSize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cpu, memory := rapid.Int64Range(0, 17000).Draw(t, "cpu"), rapid.Int64Range(0, 130000).Draw(t, "memory")
		wantCPU, wantMemory := int64(-1), int64(-1)
		for c := int64(128); c <= 16384 && wantCPU < 0; c += 128 {
			for m := int64(256); m <= 131072; m += 256 {
				d := ecs.TaskDefinition{CPU: strconv.FormatInt(c, 10), Memory: strconv.FormatInt(m, 10)}
				if c >= cpu && m >= memory && ecs.CheckFargateSize(d, ecs.RuleSetCurrent) == nil {
					wantCPU, wantMemory = c, m
					break
				}
			}
		}
		units, mib, ok := document.FargateSize(cpu, memory)
		require.Equal(t, wantCPU >= 0, ok)
		if ok {
			require.Equal(t, fmt.Sprint(wantCPU, wantMemory), units+" "+mib)
		}
	})
}

func TestUnits(t *testing.T) {
	require.Equal(t, []int{256, 1024, 2, 0}, []int{document.Units(250), document.Units(1000), document.Units(1),
		document.Units(-5)})
	require.Equal(t, []int{123, 128, 1, 0}, []int{document.MiB(128_000_000), document.MiB(128 << 20), document.MiB(1),
		document.MiB(0)})
}

func TestNames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "name")
		d := ecs.TaskDefinition{Family: document.Name(s), ContainerDefinitions: []ecs.ContainerDefinition{{Name: "c",
			Image: "i", Memory: 64}}}
		require.NoError(t, d.Validate())
		require.LessOrEqual(t, len(document.TargetGroupName(s)), 32)
	})
	d := ecs.TaskDefinition{ContainerDefinitions: []ecs.ContainerDefinition{{Name: "a"}, {Name: "a"}, {Name: "a-2"},
		{}}, Volumes: []ecs.Volume{{Name: "v"}}}
	document.Unique(&d)
	require.Equal(t, []string{"a", "a-2", "a-2-2", "container-3"}, []string{d.ContainerDefinitions[0].Name,
		d.ContainerDefinitions[1].Name,
		d.ContainerDefinitions[2].Name, d.ContainerDefinitions[3].Name})
	require.Empty(t, d.Volumes)
}

// TestCheck: each kind of document with a fault is named.
func TestCheck(t *testing.T) {
	g := document.Given{}
	s := g.NewScaling("web", 1, 2)
	s.Track(document.Track{Name: "p", Predefined: "nothing", Target: 1})
	r := document.Result{
		TaskDefinitions: []ecs.TaskDefinition{{Family: "a b"}, {Family: "web",
			ContainerDefinitions: []ecs.ContainerDefinition{{Name: "c", Image: "i", Memory: 6}}}},
		Services: []api.CreateServiceInput{{ServiceName: "web", TaskDefinition: "web",
			DesiredCount: ecs.Some(1), LaunchType: ecs.LaunchTypeFargate}},
		RunTasks: []document.RunTask{{Input: api.RunTaskInput{TaskDefinition: "web",
			LaunchType: ecs.LaunchTypeFargate}}},
		Scaling:           []document.Scaling{s},
		CapacityProviders: []api.CreateCapacityProviderInput{{Name: "ecs-x"}},
	}
	err := r.Check()
	for _, want := range []string{"task definition a b: family:", "service web: ", "standalone task web: ",
		"scaling policy p: ", "capacity provider ecs-x: name:"} {
		require.ErrorContains(t, err, want)
	}
}

func TestReport(t *testing.T) {
	list, err := source.Parse("a.yml", []byte("a: 1\nb: 2\nc: {d: 3}\n"))
	require.NoError(t, err)
	_ = list[0].Get("a").String()
	list[0].Get("c").Lose("do it by hand")
	r := document.Result{Read: list}
	var b bytes.Buffer
	require.NoError(t, r.Report(&b, false))
	require.Equal(t, `a.yml:2: without counterpart: b: the import does not know this field and leaves it out
a.yml:3: without counterpart: c: do it by hand
4 fields: 1 kept, 0 translated, 0 approximated, 0 need a value, 3 without counterpart
`, b.String())
	b.Reset()
	require.NoError(t, r.Report(&b, true))
	require.Contains(t, b.String(), "a.yml:1: kept: a\n")
	require.Contains(t, b.String(), "a.yml:3: without counterpart: c.d: see c\n")
	b.Reset()
	require.NoError(t, r.ReportJSON(&b))
	require.Contains(t, b.String(), `"fate": "without counterpart"`)
}

func ExampleResult() {
	r := document.Result{TaskDefinitions: []ecs.TaskDefinition{{Family: "web"}}}
	fmt.Println(r.Check())
	// Output: task definition web: containerDefinitions: ClientException: Container list cannot be empty
}
