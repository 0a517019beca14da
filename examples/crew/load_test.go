package crew

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// Every request is counted once, by what became of it.
// Seen to fail: a status other than 200 counted as success; POST counted as failed.
func TestLoad(t *testing.T) {
	var asked, gets, posts atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Process", "7")
		w.Header().Set("Revision", "2")
		if asked.Add(1)%7 != 0 {
			return
		}
		w.WriteHeader(http.StatusBadGateway)
		if r.Method == http.MethodPost {
			posts.Add(1)
		} else {
			gets.Add(1)
		}
	}))
	defer s.Close()
	l := NewLoad(s.URL, 500)
	ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
	defer cancel()
	l.Run(ctx)
	got := l.Now().Counts
	assert.Equal(t, Counts{Requests: int(asked.Load()), Failed: int(gets.Load()), Unsafe: int(posts.Load()),
		HeldBack: got.HeldBack}, got)
	assert.Equal(t, []int{7}, l.Processes(time.Minute))
	assert.NotEmpty(t, l.Why())
}
