package stage_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/drill/scenario"
	"github.com/bayplan/bayplan/examples/drill/stage"
)

// two returns the callers of both runs of a scenario.
func two(t *testing.T, pace stage.Pace, patience time.Duration) (*stage.Stage, [2]*caller) {
	t.Helper()
	all, err := scenario.Own()
	require.NoError(t, err)
	some, err := scenario.Select(all, []string{"8b"})
	require.NoError(t, err)
	s, err := stage.New(stage.Config{Scenario: some[0], Names: scenario.Default(), Pace: pace, Patience: patience})
	require.NoError(t, err)
	var both [2]*caller
	for i := range both {
		server := httptest.NewServer(s.Handler(i))
		t.Cleanup(server.Close)
		both[i] = &caller{t: t, stage: s, url: server.URL}
	}
	return s, both
}

// during runs what a run of the command does; its end is on the channel.
func during(f func()) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	return done
}

// The deployments of two runs overlap, even if one of them comes long after the other: the first run waits with its
// first change, and then until the second one has deployed, too.
//
// Seen to fail: writes that do not wait for the other run's first one; writes of the second run that do not wait for
// the first run's deployment.
func TestTwoRunsOverlap(t *testing.T) {
	for _, pace := range stage.Paces() {
		for _, early := range []int{0, 1} {
			s, both := two(t, pace, time.Minute)
			var seen int
			done := during(func() {
				both[early].deploy()
				seen = both[early].describe()
			})
			late := both[1-early]
			for range 3 {
				require.Equal(t, 1, late.describe(), "the other run has changed nothing yet")
			}
			late.register()
			late.describe() // lets no time run
			late.update()
			late.describe()
			<-done
			if pace == stage.Leap {
				require.Equal(t, 1, seen, "what was begun first is over when it is first looked at")
			}
			s.Ended(0)
			s.Ended(1)
			all, err := s.End()
			require.NoError(t, err)
			require.Len(t, all, 2)
			require.False(t, all[0].Apart)
			require.Equal(t, []string{"web:2"}, all[0].Registered)
			require.Equal(t, []string{"web:3"}, all[1].Registered)
			require.Equal(t, []string{"STOPPED"}, statuses(all[0]), pace)
			require.Equal(t, []string{"SUCCESSFUL"}, statuses(all[1]), pace)
			require.Equal(t, []string{"web:3 ×3"}, all[0].ServedAtEnd)
		}
	}
}

// A run that ends without a deployment is not waited for, nor is one that waits for the other: then both deploy one
// after the other.
//
// Seen to fail: a run that is over and waited for; one that comes too late, whom all others still wait for.
func TestTwoRunsApart(t *testing.T) {
	s, both := two(t, stage.Leap, time.Hour)
	s.Ended(1)
	both[0].deploy()
	both[0].describe()
	all, err := s.End()
	require.NoError(t, err)
	require.Equal(t, []string{"SUCCESSFUL"}, statuses(all[0]))
	require.Empty(t, all[1].Mine)
	require.False(t, all[0].Apart)

	s, both = two(t, stage.Leap, time.Millisecond)
	for i, c := range both {
		c.deploy()
		c.describe()
		s.Ended(i)
	}
	all, err = s.End()
	require.NoError(t, err)
	require.True(t, all[0].Apart)
	require.Equal(t, []string{"SUCCESSFUL"}, statuses(all[0]))
	require.Equal(t, []string{"SUCCESSFUL"}, statuses(all[1]))
	require.Equal(t, "SUCCESSFUL", all[0].Exit)
	require.Equal(t, []string{"web:2 ×3"}, all[0].ServedAtExit, "when the first run ended")
}

// A call whose client goes away waits no longer.
//
// Seen to fail: a wait that does not look at the call's context.
func TestWaitEndsWithTheClient(t *testing.T) {
	s, _ := two(t, stage.Leap, time.Hour)
	ended := during(func() {
		server := httptest.NewServer(s.Handler(0))
		defer server.Close() // waits until the handler has returned
		client := http.Client{Timeout: 50 * time.Millisecond}
		r, err := http.NewRequest(http.MethodPost, server.URL, nil)
		if err != nil {
			return
		}
		r.Header.Set("X-Amz-Target", "AmazonEC2ContainerServiceV20141113.UpdateService")
		if answer, err := client.Do(r); err == nil {
			_ = answer.Body.Close()
		}
	})
	<-ended
}

func statuses(f stage.Facts) (list []string) {
	for _, d := range f.Mine {
		list = append(list, d.Status)
	}
	return list
}
