package answer

import (
	"os"
	"testing"
)

// BenchmarkAsk answers about the program's own files, with a rollout that never ends and four ways out.
func BenchmarkAsk(b *testing.B) {
	q := Question{Seed: 1}
	for name, to := range map[string]*[]byte{"task-definition": &q.Definition, "running": &q.Running,
		"container-instances": &q.Instances, "tasks": &q.Tasks, "service": &q.Service} {
		data, err := os.ReadFile("../testdata/" + name + ".json")
		if err != nil {
			b.Fatal(err)
		}
		*to = data
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Ask(q); err != nil {
			b.Fatal(err)
		}
	}
}
