package wall

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// Seen to fail: a Wait that takes until for the time since now; a Pause that does not look at the context.
func TestClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		begin := Clock{}.Now()
		require.NoError(t, Clock{}.Wait(ctx, begin.Add(2*time.Second)))
		require.Equal(t, 2*time.Second, time.Since(begin))
		require.NoError(t, Clock{}.Wait(ctx, begin), "it is over")
		require.NoError(t, Pause(ctx, -time.Second))
		require.Equal(t, 2*time.Second, time.Since(begin))
		require.ErrorIs(t, Pause(ctx, time.Hour), context.DeadlineExceeded)
		require.Equal(t, 3*time.Second, time.Since(begin))
	})
}
