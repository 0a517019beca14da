package purity

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

func plantedImports() []string {
	return []string{"crypto/rand", "math/rand", "sync", "sync/atomic", "os", "log", "testing", "hash/maphash",
		"context", "regexp", "reflect"}
}

// planted holds source that breaks a rule, each line that does marked with "// !", and a clean
// twin. Both are type-checked as the package at path.
var planted = []struct {
	rule, name, path, broken, clean string
}{{
	"P1", "clock", "lifecycle", `
import "time"
func age(at time.Time) time.Duration { return time.Since(at) } // !
func now() time.Time { return time.Now() } // !
func wait() { time.Sleep(1) } // !
var later = time.AfterFunc // !
`, `
import "time"
func age(now, at time.Time) time.Duration { return now.Sub(at) }
func late(now, at time.Time) bool { return now.After(at) }
`,
}, {
	"P2", "randomness", "placement", `
import crand "crypto/rand" // !
import "math/rand/v2"
import old "math/rand"
func a() int { return rand.IntN(3) } // !
func b() int { return old.Intn(3) } // !
func c(b []byte) { crand.Read(b) }
`, `
import "math/rand/v2"
func a(seed uint64) int { return rand.New(rand.NewPCG(seed, 1)).IntN(3) }
`,
}, {
	"P3", "concurrency", "lifecycle", `
import "sync" // !
import "sync/atomic" // !
import "context"
var mu sync.Mutex
var n atomic.Int64
func a(c chan int) { // !
	go a(c) // !
	c <- 1 // !
	<-c // !
	for range c { // !
	}
	select {} // !
}
func b(ctx context.Context) { <-ctx.Done() } // !
`, `
func a(c []int) {
	for range c {
	}
}
`,
}, {
	"P4", "effects", "autoscale", `
import "os" // !
import "log" // !
import "fmt"
import "time"
func a() { fmt.Println(os.Args) } // !
func b() { log.Print() }
func c() { time.LoadLocation("UTC") } // !
func d(t time.Time) time.Time { return t.Local() } // !
func e() *time.Location { return time.Local } // !
func f() time.Time { return time.Unix(0, 0) } // !
func g() { println() } // !
func h() { time.Parse(time.RFC3339, "") } // !
func i(layout string) { time.Parse(layout, "") } // !
`, `
import "fmt"
import "time"
func a(n int) string { return fmt.Sprintf("%d", n) }
func d(t time.Time, loc *time.Location) time.Time { return t.In(loc) }
func f() time.Time { return time.Unix(0, 0).UTC() }
func g(t time.Time) int64 { return t.Unix() }
func h() { time.Parse(time.DateOnly, ""); time.ParseInLocation(time.RFC3339, "", time.UTC) }
`,
}, {
	"P4", "imports of one package", "lifecycle", `
import "regexp" // !
var _ = regexp.MustCompile
`, ``,
}, {
	"P5", "variables", "placement", `
import "errors"
import "slices"
import "maps"
var count int
var table = []int{1, 2}
var index = map[string]int{}
var array [3]int
var config struct{ sizes []int; counter counter }
var pointer = &counter{}
var Table = []int{1} // !
type counter struct{ n int }
func (c *counter) add() { c.n++ }
func (c *counter) get() int { return c.n }
func a() { count++ } // !
func b() { count = 2 } // !
func c() { table[0] = 3 } // !
func d() { table = append(table, 1) } // ! !
func e() { index["a"] = 1 } // !
func f() { delete(index, "a") } // !
func g() { slices.Sort(table) } // !
func h() *int { return &count } // !
func i() { config.sizes[0] = 1 } // !
func j() { config.counter.add() } // !
func k() { pointer.add() } // !
func l() { t := table; t[1] = 2 } // !
func m() { for count = range 3 {} } // !
func n() { fill(table) } // !
func o() { array[0], _ = 1, 2 } // !
func p() { maps.Copy(index, index) } // !
func q() int { return config.counter.get() } // !
func r() { for i := range table { t := &table[i]; *t = 3 } } // ! !
func Give() []int { return table } // !
func fill(to []int) { to[0] = 1 }
func init() { index["b"] = 2 } // !
var err = errors.New("a")
func s() { err = nil } // !
`, `
import "errors"
import "slices"
import "regexp"
var ErrA = errors.New("a")
var table = []int{1, 2}
var pattern = regexp.MustCompile("a+")
type row struct{ name string; n int }
var rows = [...]row{{"a", 1}, {"b", 2}}
func a() int { return table[0] }
func b() []int { t := slices.Clone(table); slices.Sort(t); t[0] = 3; return t }
func c() row { r := rows[0]; r.n = 3; return r }
func d() int { for i, r := range rows { r.n = i; return r.n }; return len(table) }
func e(s string) bool { return pattern.MatchString(s) }
func f() []int { table := []int{3}; table[0] = 1; return table }
func Give() []int { return slices.Clone(table) }
func Err() error { return ErrA }
`,
}, {
	"P6", "arguments", "loadbalance", `
import "slices"
import "sort"
type T struct { In []int; M map[string]int; Deep []T; At *int; A [2]int }
func A(in []int) { in[0] = 1 } // !
func B(t T) { t.In[0]++ } // !
func C(t T) { t.M["a"] = 1 } // !
func D(t T) { *t.At = 1 } // !
func E(in []int) { slices.Sort(in) } // !
func F(in []T) { sort.Slice(in, func(i, j int) bool { return i < j }) } // !
func (t T) G() { t.Deep[0].In[1] = 2 } // !
func H(t *T) { t.A[0] = 1 } // !
func I(in []int) { order(in) } // !
func order(in []int) { slices.Reverse(in) }
func J(in []int) []int { return append(in, 1) } // !
func K(in []int) { x := in[1:]; x[0] = 2 } // !
func L(t T) { t.Deep = slices.Clone(t.Deep); t.Deep[0].In[0] = 1 } // !
func M(ts []T) { for _, t := range ts { t.In[0] = 1 } } // !
func N(ts []T) { for i := range ts { t := &ts[i]; t.A[0] = 1 } } // !
func O(m map[string]int) { clear(m) } // !
func (t *T) P(in []int) { t.In[0] = 1; copy(in, t.In) } // !
func Q(t T) { t.At, t.M["b"] = nil, 1 } // !
func R(ts ...T) { ts[0] = T{} } // !
func S(t T) { t.set() ; u := t; u.M["a"] = 2 } // ! !
func (t *T) set() { t.M["b"] = 1 }
`, `
import "slices"
type T struct { In []int; M map[string]int; Deep []T; At *int; A [2]int }
func A(in []int) { in = slices.Clone(in); in[0] = 1 }
func B(t T) T { t.In = append([]int(nil), t.In...); t.In[0]++; return t }
func C(t T) { t.M = map[string]int{}; t.M["a"] = 1; t.A[0] = 1; t.At = nil }
func E(in []int) []int { return slices.Sorted(slices.Values(in)) }
func (t *T) F(in []int) { t.In = append(t.In, in...); t.In[0] = 1 }
func G(dst, in []int) []int { return append(dst, in...) }
func L(t T) { t.Deep = slices.Clone(t.Deep); for i := range t.Deep { d := &t.Deep[i]; d.In = slices.Clone(d.In); d.In[0] = 1 } }
func M(ts []T) { for _, t := range ts { t.A[0] = 1; t.In = nil } }
func N(in []int) []int { out := append(in[:1:1], 2); out[0] = 3; return out }
func O(in []int) { work(in) }
func work(in []int) { out := make([]int, len(in)); copy(out, in); out[0] = 1 }
type byID []int
func (b byID) Swap(i, j int) { b[i], b[j] = b[j], b[i] }
`,
}, {
	"P6", "what a room owns", rooms + "targets", `
import "encoding/json"
type Room struct { all []*Task }
type Task struct { In []int }
func Stop(t *Task) { t.In = nil } // !
func (r *Room) Fill(in []int) { in[0] = 1 } // !
func (r *Room) Give(e *json.SyntaxError) { e.Offset = 1 } // !
func (t Task) Take(o *Task) { o.In = nil } // !
`, `
type Room struct { all []*Task }
type Task struct { In []int }
func (r *Room) Stop(t *Task) { t.In = nil; r.all = append(r.all, t) }
func (t *Task) Take(o *Task) { t.In, o.In = o.In, nil }
`,
}, {
	"P7", "map order", "placement", `
import "maps"
import "reflect"
import "slices"
func i(v reflect.Value) { for i := v.MapRange(); i.Next(); {} } // !
func j(v reflect.Value) []reflect.Value { return v.MapKeys() } // !
func a(m map[string]int) (keys []string) {
	for k := range m { // !
		keys = append(keys, k)
	}
	return keys
}
func b(m map[string]int, other []string) (keys []string) {
	for k := range m { // !
		keys = append(keys, k)
	}
	slices.Sort(other)
	return keys
}
func c(m map[string]int) (keys []string) {
	slices.Sort(keys)
	for k := range m { // !
		keys = append(keys, k)
	}
	return keys
}
func d(m map[string]int) []string { return slices.Collect(maps.Keys(m)) } // !
func e(m map[string]int) { for range maps.Values(m) {} } // !
func f(m map[string]int) (sum int) {
	//order:any
	for _, n := range m { // !
		sum += n
	}
	return sum
}
func g(m map[string]int) []string { keys := slices.Collect(maps.Keys(m)); return keys } // !
func h(m map[string]int) (out []string) {
	f := func() { for k := range m { out = append(out, k) } } // !
	f()
	return out
}
`, `
import "maps"
import "slices"
import "sort"
func a(m map[string]int) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int { return len(a) - len(b) })
	return keys
}
func b(m map[string]int) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
func d(m map[string]int) []string { return slices.Sorted(maps.Keys(m)) }
func e(m map[string]int) (n int) { for range m { n++ }; return n }
func f(m map[string]int) (sum int) {
	for _, n := range m { //order:any a sum of integers
		sum += n
	}
	//order:any a sum of integers
	for _, n := range m {
		sum += n
	}
	return sum
}
func g(m map[string]int) []string { keys := slices.Collect(maps.Keys(m)); slices.Sort(keys); return keys }
`,
}, {
	"P8", "rounding", "autoscale", `
import "math"
type s struct { f float64 }
func a(x, y, z float64) float64 { return x*y + z } // !
func b(x, y, z float64) float64 { return z - (x*y) } // !
func c(x, y float64) (sum float64) { sum += x*y; return sum } // !
func d(x, y, z float64) float64 { t := x*y; return t + z } // !
func e(x, y float64) float64 { return x*y } // !
func f(x, y float64) float64 { x *= y; return x + 1 } // !
func g(x, y float32, v *s) { v.f = -float64(x) * float64(y) } // !
func h(x, y float64) s { return s{x*y} } // !
func i(x, y float64) float64 { return a(x*y, 1, 1) } // !
func j(x, y float64) float64 { return math.Sqrt(x) + -(x*y) } // !
`, `
import "math"
func a(x, y, z float64) float64 { return float64(x*y) + z }
func b(x, y int) int { return x*y + 1 }
func c(x, y float64) bool { return x*y > 1 }
func d(x, y float64) int { return int(x*y) + 1 }
func e(x, y float64) float64 { return x*y/2 + 1 }
func f(x, y float64) float64 { return math.Ceil(x*y) + 1 }
func g(x float64) float64 { return x + 2*3.5 }
`,
}, {
	"imports", "arrow", "ecs/scheduler", `
import "` + Module + `/placement" // !
var _ placement.X
`, `
import "` + Module + `/ecs"
var _ ecs.X
`,
}, {
	"capabilities", "arrow", "placement", `
import "` + Module + `/lifecycle" // !
var _ lifecycle.X
`, `
import "` + Module + `/ecs"
var _ ecs.X
`,
}, {
	"shell", "arrow", "ecs/control", `
import "` + Module + `/ecs/driver" // !
var _ driver.X
`, `
import "` + Module + `/placement"
var _ placement.X
`,
}, {
	"testing", "import", "ecs/control", `
import "testing" // !
import "` + Module + `/ecs/ecstest" // !
var _ testing.TB
var _ ecstest.X
`, ``,
}, {
	"stdlib", "import", "ecs/driver", `
import "example.com/sql" // !
var _ sql.X
`, `
import "os"
var _ os.File
`,
}, {
	"comments", "missing", "ecs/driver", `
type T struct{} // !
func (T) M() {} // !
func F() {} // !
const C = 1 // !
var V, w = 1, 2 // !
`, `
// T is a type.
type T struct{}
// M does.
func (T) M() {}
type t struct{}
func (t) M() {}
func f() {}
// These are some.
const (
	C = 1
	D = 2
)
`,
}, {
	"names", "foreign words", "ecs", `
type PodSpec struct{} // !
type Task struct{ NodeID string } // !
func RunJobs() {} // !
type Types []string // !
`, `
type Podium struct{ Annotated string; InstanceTypes []string }
func nodeID() {}
`,
}, {
	"statuses", "words spelled out", "lifecycle", `
type Status string
const (
	StatusRunning Status = "RUNNING"
	StatusStopped Status = "STOPPED"
)
const over = "STOPPED" // !
type Kind string
const KindA Kind = "a"
type task struct{ Last Status; Kind Kind }
func a(t task) bool { return t.Last == "RUNNING" } // !
func b(t task) string {
	switch t.Last {
	case "STOPPED", "LOST": // !
	}
	return "RUNNING" // !
}
func c() task { return task{Kind: "a"} } // !
`, `
type Status string
const (
	StatusRunning Status = "RUNNING"
	StatusStopped Status = "STOPPED"
)
var words = [...]string{"RUNNING", "STOPPED"}
type Kind string
const KindA Kind = "a"
type task struct{ Last Status ` + "`json:\"RUNNING\"`" + `; Kind Kind }
func a(t task) bool { return t.Last == StatusRunning && words[0] != "" && string(t.Kind) != "b" }
func c() (task, string) { return task{Kind: KindA}, "a" }
`,
}, {
	"shapes", "too many at once", "lifecycle", `
const a, b, c, d = 1, 2, 3, 4 // !
func four() (w, x, y int, err error) { return }
func five() (v, w, x, y int, err error) { return }
func nine(a, b, c, d, e, f, g, h int, i bool) { // !
	a, b, c, d = 1, 2, 3, 4 // !
	v, w, x, y, err := five() // !
	p, q, r, s := four() // !
	_, _, _, _, _, _, _, _, _ = v, w, x, y, err, p, q, r, s // !
}
`, `
const (
	a, b = 1, 2
	c, d = 3, 4
)
func four() (w, x, y int, err error) { return }
func eight(a, b, c, d, e, f, g int, h bool) error {
	a, b, c = 1, 2, 3
	_, _, _, err := four()
	return err
}
`,
}}

func TestPlanted(t *testing.T) {
	l, err := loader()
	require.NoError(t, err)
	seen := map[string]bool{}
	for _, c := range planted {
		t.Run(c.rule+" "+c.name, func(t *testing.T) {
			seen[c.rule] = true
			rule := find(t, c.rule)
			check := func(body string) []Finding {
				var p *Package
				var err error
				if strings.Contains(body, Module) || strings.Contains(body, "example.com") {
					p, err = l.parseOnly(c.path, "package p\n"+body) // it need not exist
				} else {
					p, err = l.Check(c.path, "package p\n"+body)
				}
				require.NoError(t, err)
				return rule.Check(p)
			}
			want := map[int]int{}
			for i, line := range strings.Split("package p\n"+c.broken, "\n") {
				if _, marks, ok := strings.Cut(line, "// !"); ok {
					want[i+1] = 1 + strings.Count(marks, "!")
				}
			}
			got := map[int]int{}
			findings := check(c.broken)
			for _, f := range findings {
				require.Equal(t, c.rule, f.Rule)
				got[f.Pos.Line]++
			}
			require.NotEmpty(t, want)
			require.Equal(t, want, got, "%v", findings)
			require.Empty(t, check(c.clean))
		})
	}
	for _, rule := range append(Pure(), House()...) {
		require.True(t, seen[rule.Name] || rule.Name == "headings", "rule %s has no planted fault", rule.Name)
	}
}

func find(t *testing.T, name string) Rule {
	for _, rule := range append(Pure(), House()...) {
		if rule.Name == name {
			return rule
		}
	}
	t.Fatalf("no rule %s", name)
	return Rule{}
}

func TestPlantedHeadings(t *testing.T) {
	l, err := loader()
	require.NoError(t, err)
	doc := "// Package p is.\n//\n// # Start here\n//\n// # Model\n//\n// # Guarantees\n//\n// # Differences from " +
		"ECS\n//\n// # Example\npackage p\n"
	p, err := l.Check("ecs", doc)
	require.NoError(t, err)
	require.Empty(t, headings(p))
	for _, heading := range []string{"// # Start here\n", "// # Guarantees\n"} {
		p, err = l.Check("ecs", strings.Replace(doc, heading, "", 1))
		require.NoError(t, err)
		require.Len(t, headings(p), 1)
	}
}

func TestPlantedUnknownPackage(t *testing.T) {
	l, err := loader()
	require.NoError(t, err)
	p, err := l.Check("ecs/deploy", "package deploy")
	require.NoError(t, err)
	require.Len(t, arrows(p), 1)
}

func TestPlantedPackageName(t *testing.T) {
	l, err := loader()
	require.NoError(t, err)
	p, err := l.Check("ecs", "package types")
	require.NoError(t, err)
	require.Len(t, names(p), 1)
	p, err = l.Check("ecs", "package ecs")
	require.NoError(t, err)
	require.Empty(t, names(p))
}

func TestPlantedPlatformFile(t *testing.T) {
	l, err := loader()
	require.NoError(t, err)
	p, err := l.Check("ecs", "package ecs")
	require.NoError(t, err)
	require.Empty(t, effects(p))
	p.Ignored = []string{"clock_windows.go"}
	require.Len(t, effects(p), 1)
}

func TestPlantedTree(t *testing.T) {
	long := &fstest.MapFile{Data: []byte(strings.Repeat("//\n", 601))}
	short := &fstest.MapFile{Data: []byte(strings.Repeat("//\n", 600))}
	tree := fstest.MapFS{"ecs/long.go": long, "ecs/short.go": short, "go.mod": long, "x.prof": long}
	found, err := Tree(tree)
	require.NoError(t, err)
	require.Empty(t, found)
	found, err = Length(tree)
	require.NoError(t, err)
	require.Len(t, found, 1)
	require.Equal(t, "ecs/long.go:601: length: 601 lines, at most 600: one idea a file", found[0].String())

	tree["scheduler.go"], tree["pkg/a.go"] = short, short
	found, err = Tree(tree)
	require.NoError(t, err)
	require.Len(t, found, 2)
}
