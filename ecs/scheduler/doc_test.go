package scheduler

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The figures of the package's documentation are those of the code.
//
// Seen to fail: settle of 30 seconds; a placementRetry of a minute.
func TestDocumentedFigures(t *testing.T) {
	file, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	text := strings.Join(strings.Fields(strings.ReplaceAll(string(file), "\n//", "\n")), " ")
	waits := func() string {
		var all []string
		for n := 1; ThrottleWait(n) < throttleCap; n++ {
			all = append(all, fmt.Sprint(ThrottleWait(n).Minutes()))
		}
		return strings.Join(all, ", ")
	}
	for _, says := range []string{
		fmt.Sprintf("no health check once the task has been RUNNING for %.0f seconds", settle.Seconds()),
		fmt.Sprintf("A launch without room is tried again after %.0f seconds", placementRetry.Seconds()),
		fmt.Sprintf("spaced %s and then %.0f minutes apart", waits(), throttleCap.Minutes()),
	} {
		require.True(t, strings.Contains(text, says), "doc.go does not say %q", says)
	}
	require.Equal(t, 6*time.Hour, repeat)
	require.Contains(t, text, "at the latest after six hours")
	require.Equal(t, 10*time.Minute, rebalanceRetry)
	require.Contains(t, text, "tries again after ten minutes")
}
