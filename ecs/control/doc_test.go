package control

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/capacity"
	"github.com/bayplan/bayplan/ecs/control/internal/dispatch"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/scheduler"
	"github.com/bayplan/bayplan/lifecycle"
)

// The figures of the package's documentation are those of the code, those of the scheduler's rules
// included.
//
// Seen to fail: Retry.Resend of three minutes; lateness of a minute; a service that finds no room
// tried again after a minute.
func TestDocumentedFigures(t *testing.T) {
	file, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	text := strings.Join(strings.Fields(strings.ReplaceAll(string(file), "\n//", "\n")), " ")
	r := message.Retry{}.WithDefaults()
	var waits []string
	for n := 1; scheduler.ThrottleWait(n) < scheduler.ThrottleWait(99); n++ {
		waits = append(waits, fmt.Sprint(scheduler.ThrottleWait(n).Minutes()))
	}
	for _, says := range []string{
		fmt.Sprintf("A command that failed: after %[1]v, %[2]v, %[3]v and so on up to %.0[4]f minutes", r.Base,
			2*r.Base, 4*r.Base, r.Max.Minutes()),
		fmt.Sprintf("One without an outcome is handed out again after %.0f minutes", r.Resend.Minutes()),
		fmt.Sprintf("whose task stopped before it was RUNNING: after %s and then %.0f minutes",
			strings.Join(waits, ", "),
			scheduler.ThrottleWait(99).Minutes()),
		fmt.Sprintf("of its capacity provider; for %.0f minutes, then the task stops",
			capacity.ProvisioningTimeout.Minutes()),
		fmt.Sprintf("They wait for %.0f minutes", capacity.ProvisioningTimeout.Minutes()),
		fmt.Sprintf("what it has said for %.0f seconds counts", dispatch.Lateness.Seconds()),
		fmt.Sprintf("A launch that found no room: after %.0f seconds", roomRetry(t).Seconds()),
		fmt.Sprintf("whose tasks find no place is tried again after %.0f seconds", roomRetry(t).Seconds()),
	} {
		says = strings.NewReplacer("1s", "1 s", "2s", "2 s", "4s", "4 s").Replace(says)
		require.True(t, strings.Contains(text, says), "doc.go does not say %q", says)
	}
	for _, reason := range []lifecycle.WaitReason{lifecycle.WaitReasonRoom, lifecycle.WaitReasonNetworkInterface,
		lifecycle.WaitReasonVolume, lifecycle.WaitReasonAgent, lifecycle.WaitReasonReport,
		lifecycle.WaitReasonPull, lifecycle.WaitReasonDependency, lifecycle.WaitReasonContainer,
		lifecycle.WaitReasonTargets, lifecycle.WaitReasonDiscovery} {
		require.Contains(t, string(file), "//\t"+string(reason)+" ")
	}
}

// roomRetry is when a service without room wants to be asked again.
func roomRetry(t *testing.T) time.Duration {
	t.Helper()
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	p := New(Config{Seed: 1})
	_, err := p.RegisterTaskDefinition(now, ecs.TaskDefinition{Family: "web",
		ContainerDefinitions: []ecs.ContainerDefinition{{Name: "web", Image: "web", Memory: 9}}})
	require.NoError(t, err)
	_, err = p.CreateService(now, api.CreateServiceInput{ServiceName: "web", TaskDefinition: "web",
		DesiredCount: ecs.Some(1)})
	require.NoError(t, err)
	return p.Ready().WakeAt.Sub(now)
}
