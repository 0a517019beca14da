package query

import "testing"

var benchmarks = []struct{ name, src string }{
	{"equals", "attribute:ecs.instance-type == g2.8xlarge"},
	{"prefix", "attribute:ecs.instance-type =~ g2.*"},
	{"pattern", "attribute:ecs.instance-type =~ '(g|p)[2-4][.].*large'"},
	{"zones", "attribute:ecs.availability-zone in [us-east-1c, us-east-1b, us-east-1a]"},
	{"version", "agentVersion >= 1.14.5"},
	{"registered", "registeredAt < 2030-06-18T22:28:28+00:00"},
	{"group", "not(task:group == web)"},
	{"compound",
		"(attribute:stack == prod or attribute:stack !exists) and runningTasksCount <= 5 and " +
			"attribute:ecs.availability-zone != us-east-1d"},
}

func BenchmarkParse(b *testing.B) {
	for _, bench := range benchmarks {
		b.Run("expression="+bench.name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(bench.src)))
			for b.Loop() {
				if _, err := Parse(bench.src); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkMatch(b *testing.B) {
	h := fleet()[3]
	for _, bench := range benchmarks {
		b.Run("expression="+bench.name, func(b *testing.B) {
			e, err := Parse(bench.src)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if !e.Match(h) {
					b.Fatal(bench.src)
				}
			}
		})
	}
}
