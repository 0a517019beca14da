package crew

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// atOnce is how many requests may be on their way; more are not begun.
const atOnce = 512

// Load asks a service at a constant rate, whatever it answers. One request in ten is a POST, which HTTP does not allow
// to send twice.
type Load struct {
	url    string
	client *http.Client

	mu   sync.Mutex
	rate int // requests a second
	Counts
	seconds  [2]window // this second and the last one
	began    time.Time // of this second
	inFlight int
	seen     map[int]time.Time // processes, and when they answered last
	reasons  []string          // of the first failures
}

// Counts are the requests of a while.
type Counts struct {
	Requests int // that have ended
	Failed   int // of methods that a load balancer may send again
	Unsafe   int // that failed of the others
	HeldBack int // that were not begun, since too many were on their way
}

// window is what happened in a second.
type window struct {
	latencies []time.Duration
	revisions map[string]int
}

// Sample is the load as a display shows it.
type Sample struct {
	Counts
	Rate       int // answers in the last full second
	Middle     time.Duration
	P99        time.Duration
	ByRevision map[string]int
}

// NewLoad returns a load of so many requests a second, which Run begins.
func NewLoad(url string, rate int) *Load {
	return &Load{url: url, rate: rate, seen: map[int]time.Time{}, began: time.Now(),
		client: &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: atOnce}}}
}

// Run asks until the context ends, and returns when every request has ended.
func (l *Load) Run(ctx context.Context) {
	var all sync.WaitGroup
	owed := 0.0
	for last := time.Now(); Sleep(ctx, 5*time.Millisecond) == nil; {
		now := time.Now()
		l.mu.Lock()
		owed += float64(now.Sub(last).Seconds() * float64(l.rate))
		l.mu.Unlock()
		for last = now; owed >= 1; owed-- {
			if n, ok := l.begin(now); ok {
				all.Go(func() { l.one(n) })
			}
		}
	}
	all.Wait()
	l.client.CloseIdleConnections()
}

// begin Counts a request that begins; false if too many are on their way.
func (l *Load) begin(now time.Time) (n int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn(now)
	if l.inFlight == atOnce {
		l.HeldBack++
		return 0, false
	}
	l.inFlight++
	return l.Requests + l.inFlight, true
}

// turn begins the next second, if it is time.
func (l *Load) turn(now time.Time) {
	if now.Sub(l.began) >= time.Second {
		l.seconds[1], l.seconds[0], l.began = l.seconds[0], window{}, now
	}
}

// one makes a request.
func (l *Load) one(n int) {
	method := http.MethodGet
	if n%10 == 0 {
		method = http.MethodPost
	}
	began := time.Now()
	revision, process, err := l.send(method)
	took := time.Since(began)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.inFlight--
	l.Requests++
	switch {
	case err == nil:
	case method == http.MethodPost:
		l.Unsafe++
	default:
		l.Failed++
	}
	if err != nil {
		if len(l.reasons) < 5 {
			l.reasons = append(l.reasons, fmt.Sprintf("%s: %v", method, err))
		}
		return
	}
	now := time.Now()
	l.turn(now)
	l.seen[process] = now
	w := &l.seconds[0]
	if w.revisions == nil {
		w.revisions = map[string]int{}
	}
	w.revisions[revision]++
	w.latencies = append(w.latencies, took)
}

func (l *Load) send(method string) (revision string, process int, err error) {
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader("an order")
	}
	r, err := http.NewRequest(method, l.url, body)
	if err != nil {
		return "", 0, err
	}
	answer, err := l.client.Do(r)
	if err != nil {
		return "", 0, err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return "", 0, err
	}
	if answer.StatusCode != http.StatusOK {
		return "", 0, fmt.Errorf("%s", answer.Status)
	}
	process, err = strconv.Atoi(answer.Header.Get("Process"))
	return answer.Header.Get("Revision"), process, err
}

// SetRate changes how many requests a second there are.
func (l *Load) SetRate(rate int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rate = rate
}

// Now returns the load as it is.
func (l *Load) Now() Sample {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turn(time.Now())
	s, w := Sample{Counts: l.Counts}, l.seconds[1]
	s.ByRevision, s.Rate = w.revisions, len(w.latencies)
	if sorted := slices.Sorted(slices.Values(w.latencies)); len(sorted) > 0 {
		s.Middle, s.P99 = sorted[len(sorted)/2], sorted[len(sorted)*99/100]
	}
	return s
}

// Processes returns those that have answered in a while, in order.
func (l *Load) Processes(within time.Duration) (all []int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for p, at := range l.seen { //order:any sorted below
		if time.Since(at) <= within {
			all = append(all, p)
		}
	}
	slices.Sort(all)
	return all
}

// Gone returns an error that names the processes that have answered and still run.
func (l *Load) Gone() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var left []int
	for p := range l.seen { //order:any sorted below
		if process, err := os.FindProcess(p); err == nil && process.Signal(syscall.Signal(0)) == nil {
			left = append(left, p)
		}
	}
	slices.Sort(left)
	if len(left) > 0 {
		return fmt.Errorf("the processes %v run", left)
	}
	return nil
}

// Why returns the reasons of the first failures.
func (l *Load) Why() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.reasons)
}
