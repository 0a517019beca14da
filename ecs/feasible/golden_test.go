package feasible_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/feasible"
	"github.com/bayplan/bayplan/internal/script"
)

// TestGolden prints verdicts as a user would paste them. A case is lines of
//
//	service desired=3 percent=100-200 distinct daemon failed strategy=BLUE_GREEN
//	revision cpu=256 memory=512 port=80 ssd      one a revision, the newest first
//	host cpu=1024 memory=2048 tasks=0,1 ssd away  tasks by revision; "times=12" for twelve of them
func TestGolden(t *testing.T) {
	script.Run(t, "testdata/tickets.txt", func(t *testing.T, commands string) string {
		f, daemon, failed := readFleet(t, commands)
		v := f.view()
		if daemon {
			v = daemonView(&f)
		}
		if failed {
			d := &v.State.Rollouts[0]
			d.RolloutState, d.RolloutStateReason = ecs.DeploymentRolloutStateFailed,
				"ECS deployment circuit breaker: tasks failed to start."
		}
		got, err := feasible.Deployment(v, f.snapshot(v.Tasks), f.requests())
		require.NoError(t, err)
		if !daemon && !failed {
			want := explore(&f)
			require.Equal(t, want.ends, got.Outcome != feasible.OutcomeBlocked)
			require.Equal(t, want.rests, got.Outcome != feasible.OutcomeEnds)
		}
		return got.String()
	})
}

func readFleet(t *testing.T, commands string) (f fleet, daemon, failed bool) {
	for line := range strings.Lines(commands) {
		words := strings.Fields(line)
		if len(words) == 0 || strings.HasPrefix(words[0], "#") {
			continue
		}
		args := map[string]string{}
		for _, w := range words[1:] {
			name, value, _ := strings.Cut(w, "=")
			args[name] = value
		}
		number := func(name string, absent int) int {
			text, ok := args[name]
			if !ok {
				return absent
			}
			n, err := strconv.Atoi(text)
			require.NoError(t, err, line)
			return n
		}
		has := func(name string) bool { _, ok := args[name]; return ok }
		switch words[0] {
		case "service":
			f.desired, f.distinct, f.strategy = number("desired", 0), has("distinct"),
				ecs.DeploymentStrategy(args["strategy"])
			daemon, failed = has("daemon"), has("failed")
			_, err := fmt.Sscanf(args["percent"], "%d-%d", &f.minimum, &f.maximum)
			require.NoError(t, err, line)
		case "revision":
			f.revs = append(f.revs, revision{cpu: int64(number("cpu", 0)), memory: int64(number("memory", 0)),
				port: uint16(number("port", 0)), ssd: has("ssd")})
			f.tasks = append(f.tasks, nil)
		case "host":
			for range number("times", 1) {
				f.hosts = append(f.hosts, host{cpu: int64(number("cpu", plenty)),
					memory: int64(number("memory", plenty)), ssd: has("ssd"), disconnected: has("away"),
					draining: has("draining")})
				counts := strings.Split(args["tasks"], ",")
				require.Len(t, counts, len(f.revs), line)
				for r, c := range counts {
					n, err := strconv.Atoi(c)
					require.NoError(t, err, line)
					f.tasks[r] = append(f.tasks[r], n)
				}
			}
		default:
			t.Fatalf("unknown: %s", line)
		}
	}
	f.first = len(f.revs) == 1
	return f, daemon, failed
}
