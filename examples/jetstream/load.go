package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

// load asks a service at a constant rate, whatever it answers.
type load struct {
	url    string
	rate   int
	client *http.Client

	mu       sync.Mutex
	requests int
	failed   int
	inFlight int
	second   []time.Duration // of this second
	last     []time.Duration // of the second before
	began    time.Time
	reasons  []string // of the first failures
}

// atOnce is how many requests may be on their way; more are not begun.
const atOnce = 256

func newLoad(url string, rate int) *load {
	return &load{url: url, rate: rate, began: time.Now(), client: &http.Client{Timeout: 30 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: atOnce}}}
}

// run asks until the context ends, and returns when every request has ended.
func (l *load) run(ctx context.Context) {
	var all sync.WaitGroup
	pace := time.NewTicker(time.Second / time.Duration(l.rate))
	defer pace.Stop()
	for {
		select {
		case <-ctx.Done():
			all.Wait()
			l.client.CloseIdleConnections()
			return
		case <-pace.C:
			l.mu.Lock()
			begin := l.inFlight < atOnce
			if begin {
				l.inFlight++
			}
			l.mu.Unlock()
			if begin {
				all.Go(l.one)
			}
		}
	}
}

// one makes a request.
func (l *load) one() {
	began := time.Now()
	err := l.send()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight--
	l.requests++
	if now := time.Now(); now.Sub(l.began) >= time.Second {
		l.last, l.second, l.began = l.second, nil, now
	}
	l.second = append(l.second, time.Since(began))
	if err != nil {
		if l.failed++; len(l.reasons) < 5 {
			l.reasons = append(l.reasons, err.Error())
		}
	}
}

func (l *load) send() error {
	answer, err := l.client.Get(l.url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s", answer.Status)
	}
	return nil
}

// counts returns how many requests have ended and failed, how many answers the last second had, and how late 99 of 100
// came.
func (l *load) counts() (requests, failed, rate int, late time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	sorted := slices.Sorted(slices.Values(l.last))
	if len(sorted) > 0 {
		late = sorted[len(sorted)*99/100]
	}
	return l.requests, l.failed, len(sorted), late
}
