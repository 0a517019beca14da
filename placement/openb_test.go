package placement

import (
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/script"
	"github.com/bayplan/bayplan/placement/internal/draw"
	"github.com/stretchr/testify/require"
)

// trace is a fleet and tasks that are all offered at once, in order.
type trace struct {
	boxes []box
	tasks []Request
}

// TestProductionTrace packs the published trace of a production GPU cluster.
func TestProductionTrace(t *testing.T) {
	const dir = "../../shared/data/openb/"
	nodes, err := os.ReadFile(dir + "openb_node_list_all_node.csv")
	if os.IsNotExist(err) {
		t.Skip("the trace is not beside the project: " + dir)
	}
	require.NoError(t, err)
	tasks, err := os.ReadFile(dir + "openb_pod_list_default.csv")
	require.NoError(t, err)
	tr := readTrace(t, string(nodes), string(tasks))
	require.Len(t, tr.boxes, 1523)
	require.Len(t, tr.tasks, 8152)
	script.Golden(t, "testdata/openb.txt", tr.report(t))
}

// TestGeneratedTrace is its twin on a fleet of the project's own.
func TestGeneratedTrace(t *testing.T) {
	d := draw.Stream(11)
	nodes, tasks := "sn,cpu_milli,memory_mib,gpu,model\n", "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\n"
	for i := range 60 {
		size := 1 << d.Below(3)
		nodes += fmt.Sprintf("n-%03d,%d,%d,%d,%s\n", i, 32000*size, 65536*size, 2*size*d.Below(2),
			[]string{"", "G1", "G2"}[d.Below(3)])
	}
	for i := range 900 {
		gpus := max(0, d.Below(8)-6)
		tasks += fmt.Sprintf("t-%04d,%d,%d,%d,%d,%s\n", i, 500*(1+d.Below(16)), 1024*(1+d.Below(16)), gpus, 500*gpus,
			[]string{"", "", "", "G1", "G1|G2"}[d.Below(5)])
	}
	script.Golden(t, "testdata/generated-trace.txt", readTrace(t, nodes, tasks).report(t))
}

// readTrace reads two tables by the names of their columns. GPUs are whole: a share counts as one.
func readTrace(t *testing.T, nodes, tasks string) *trace {
	tr := &trace{}
	each := func(text string, row func(get func(string) string, number func(string) int)) {
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		require.NoError(t, err)
		for _, cells := range rows[1:] {
			get := func(column string) string { return cells[slices.Index(rows[0], column)] }
			row(get, func(column string) int {
				n, err := strconv.ParseFloat(get(column), 64)
				require.NoError(t, err)
				return int(n)
			})
		}
	}
	each(nodes, func(get func(string) string, number func(string) int) {
		b := box{id: get("sn"), cpu: number("cpu_milli") * 1024 / 1000, mem: number("memory_mib"), gpu: number("gpu")}
		if model := get("model"); model != "" {
			b.attributes = []ecs.Attribute{{Name: "gpu-model", Value: model}}
		}
		tr.boxes = append(tr.boxes, b)
	})
	each(tasks, func(get func(string) string, number func(string) int) {
		r := Request{Group: "family:trace", Need: ecs.Resources{CPU: int64(number("cpu_milli")) * 1024 / 1000,
			Memory: int64(number("memory_mib")), GPU: int64(number("num_gpu"))}}
		if spec := get("gpu_spec"); spec != "" {
			r.Constraints = []ecs.PlacementConstraint{memberOf("attribute:gpu-model in [" + strings.ReplaceAll(spec,
				"|", ", ") + "]")}
		}
		tr.tasks = append(tr.tasks, r)
	})
	return tr
}

func (tr *trace) report(t *testing.T) string {
	var out strings.Builder
	fmt.Fprintf(&out, "%d instances, %d tasks, all at once, in order\n\n", len(tr.boxes), len(tr.tasks))
	fmt.Fprintf(&out, "%-34s %7s %10s %7s %7s %7s %12s\n", "strategy", "placed", "instances", "CPU",
		"memory", "GPU", "lower bound")
	line := func(name string, s *Snapshot) {
		used, placed, total, sum := 0, 0, ecs.Resources{}, ecs.Resources{}
		for _, in := range s.instances {
			total, sum = total.Plus(in.registered), sum.Plus(in.registered.Minus(in.free))
			if placed += in.tasks; in.tasks > 0 {
				used++
			}
		}
		share := func(a, b int64) string { return fmt.Sprintf("%.1f%%", 100*float64(a)/float64(b)) }
		fmt.Fprintf(&out, "%-34s %7d %10d %7s %7s %7s %12d\n", name, placed, used, share(sum.CPU, total.CPU),
			share(sum.Memory, total.Memory), share(sum.GPU, total.GPU), lowerBound(s, sum))
	}
	for _, chain := range [][]ecs.PlacementStrategy{
		{binpack("cpu")}, {binpack("memory")}, {binpack("memory"), binpack("cpu")}, {byHost},
		{byHost, binpack("memory")}, {spread("attribute:gpu-model"), binpack("cpu")}, {randomly()},
	} {
		x := NewIndex(snapshot(tr.boxes))
		for i, r := range tr.tasks {
			r.Strategy = chain
			sh, err := x.Prepare(r)
			require.NoError(t, err)
			x.Place(sh, uint64(i))
		}
		var name []string
		for _, s := range chain {
			name = append(name, strings.TrimSuffix(string(s.Type)+"("+strings.TrimPrefix(s.Field, "attribute:")+")",
				"()"))
		}
		line(strings.Join(name, "+"), x.Snapshot())
	}
	line("first fit", tr.firstFit(t))
	return out.String()
}

// firstFit places by hand: each task on the first instance, by ID, that has room.
func (tr *trace) firstFit(t *testing.T) *Snapshot {
	boxes := slices.Clone(tr.boxes)
	slices.SortFunc(boxes, func(a, b box) int { return strings.Compare(a.id, b.id) })
	left := slices.Clone(boxes)
	var running []Running
	for _, r := range tr.tasks {
		i := slices.IndexFunc(left, func(b box) bool {
			model := ""
			if len(b.attributes) > 0 {
				model = b.attributes[0].Value
			}
			allowed := len(r.Constraints) == 0
			if !allowed {
				_, list, _ := strings.Cut(strings.Trim(r.Constraints[0].Expression, "]"), "[")
				allowed = slices.Contains(strings.Split(list, ", "), model)
			}
			return allowed && int64(b.cpu) >= r.Need.CPU && int64(b.mem) >= r.Need.Memory && int64(b.gpu) >= r.Need.GPU
		})
		if i >= 0 {
			left[i].cpu, left[i].mem, left[i].gpu = left[i].cpu-int(r.Need.CPU), left[i].mem-int(r.Need.Memory),
				left[i].gpu-int(r.Need.GPU)
			running = append(running, Running{Instance: ecs.InstanceID(left[i].id), Group: r.Group, Resources: r.Need})
		}
	}
	return snapshot(boxes, running...)
}

// lowerBound returns the fewest instances that could hold the amounts: the largest first, for
// each resource by itself.
func lowerBound(s *Snapshot, sum ecs.Resources) int {
	bound := 0
	for _, of := range []func(ecs.Resources) int64{
		func(r ecs.Resources) int64 { return r.CPU }, func(r ecs.Resources) int64 { return r.Memory },
		func(r ecs.Resources) int64 { return r.GPU },
	} {
		var sizes []int64
		for _, in := range s.instances {
			sizes = append(sizes, of(in.registered))
		}
		slices.Sort(sizes)
		left, n := of(sum), 0
		for i := len(sizes) - 1; left > 0 && i >= 0; i-- {
			left, n = left-sizes[i], n+1
		}
		bound = max(bound, n)
	}
	return bound
}
