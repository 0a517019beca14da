package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDurable takes a small run all the way: each task runs, those of lost instances run again, and the
// journal knows them all.
func TestDurable(t *testing.T) {
	var out bytes.Buffer
	d := durable{out: &out, tasks: 600, instances: 40, callers: 8, service: 100, snapshots: 500, dir: t.TempDir(),
		lax: true}
	require.NoError(t, d.run())
	for _, line := range []string{
		`instances       40 of 252233 MiB in three zones, registered in `,
		`one caller      RunTask of 10: \d+ launches a second`,
		`launched        570 tasks by 8 callers in .* launches a second`,
		`allocations     [0-9.]+ a launch, \d+ bytes$`,
		`a launch        from RunTask until RUNNING is durable: median `,
		`memory          \d+ bytes a task`,
		`                GOGC \d+, .*, GOMAXPROCS \d+`,
		`loss            2 instances with \d+ tasks ended; all 600 tasks run again after `,
		`journal         \d+ bytes a task in the directory at the end`,
		`restart         from the journal in .*, with 600 tasks RUNNING`,
	} {
		require.Regexp(t, `(?m)^`+line, out.String())
	}
}
