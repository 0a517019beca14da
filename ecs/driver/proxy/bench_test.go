package proxy

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance"
)

// beside returns the URLs of the proxy, with three targets, and of httputil.ReverseProxy alone before one of them.
func beside(b *testing.B) (proxy, alone string) {
	var backends []*httptest.Server
	for range 3 {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "hello")
		}))
		b.Cleanup(s.Close)
		backends = append(backends, s)
	}
	p := opened(b, Config{})
	address, err := p.Listen(b.Context(), loadbalance.Listener{ListenerArn: front, DefaultAction: to(blue, 1)},
		"127.0.0.1:0")
	require.NoError(b, err)
	for _, s := range backends {
		w := &world{Proxy: p}
		u, err := url.Parse(s.URL)
		require.NoError(b, err)
		w.target(b, grouped(blue), u.Host)
	}
	u, err := url.Parse(backends[0].URL)
	require.NoError(b, err)
	reverse := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(u); r.SetXForwarded() },
		BufferPool: &buffers{}, Transport: &http.Transport{MaxIdleConnsPerHost: 256, DisableCompression: true}}
	s := httptest.NewServer(reverse)
	b.Cleanup(s.Close)
	return "http://" + address, s.URL
}

// burst makes n requests by 16 clients and returns how long each took.
func burst(b *testing.B, client *http.Client, url string, n int) []time.Duration {
	took := make([]time.Duration, n)
	var all sync.WaitGroup
	for c := range 16 {
		all.Go(func() {
			for i := c; i < n; i += 16 {
				began := time.Now()
				if err := once(client, url); err != nil {
					b.Error(err)
				}
				took[i] = time.Since(began)
			}
		})
	}
	all.Wait()
	return took
}

// BenchmarkBeside has the proxy and httputil.ReverseProxy alone take turns, and reports the ratio of their
// throughputs, and both 99th percentiles. Both have the same pool of buffers.
//
//	go test ./ecs/driver/proxy -run NONE -bench Beside -benchtime 40x
func BenchmarkBeside(b *testing.B) {
	proxy, alone := beside(b)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	defer client.CloseIdleConnections()
	const size = 800
	burst(b, client, proxy, size)
	burst(b, client, alone, size)
	var all, by [2]time.Duration
	var took [2][]time.Duration
	var ratios []float64
	for n := 0; b.Loop(); n++ {
		for i := range 2 {
			which := (i + n) % 2 // each goes first as often
			began := time.Now()
			took[which] = append(took[which], burst(b, client, []string{proxy, alone}[which], size)...)
			by[which] = time.Since(began)
			all[which] += by[which]
		}
		ratios = append(ratios, by[1].Seconds()/by[0].Seconds())
	}
	slices.Sort(ratios)
	b.ReportMetric(ratios[len(ratios)/2], "ratio")
	b.ReportMetric(float64(b.N*size)/all[0].Seconds(), "requests/s")
	b.ReportMetric(float64(b.N*size)/all[1].Seconds(), "alone-requests/s")
	for i, name := range []string{"p99-ms", "alone-p99-ms"} {
		slices.Sort(took[i])
		b.ReportMetric(float64(took[i][len(took[i])*99/100])/float64(time.Millisecond), name)
	}
	b.ReportMetric(0, "ns/op")
}

// BenchmarkRequest reports what a request takes of client, server and target together; the difference of the two is
// what the proxy adds.
//
//	go test ./ecs/driver/proxy -run NONE -bench Request -benchtime 2s
func BenchmarkRequest(b *testing.B) {
	proxy, alone := beside(b)
	for i, url := range []string{proxy, alone} {
		b.Run([]string{"proxy", "alone"}[i], func(b *testing.B) {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			b.ReportAllocs()
			for b.Loop() {
				if err := once(client, url); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkPick is the choice of a target alone, by the number of targets.
func BenchmarkPick(b *testing.B) {
	for _, n := range []int{3, 30, 300} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			p := opened(b, Config{})
			g := grouped(blue)
			g.HealthCheck.Enabled = ecs.Some(false)
			w := &world{Proxy: p}
			for i := range n {
				w.target(b, g, fmt.Sprintf("127.1.%d.%d:80", i/200, 1+i%200))
			}
			group, f := p.group(blue), &flight{}
			b.ReportAllocs()
			for b.Loop() {
				if !group.take(f) {
					b.Fatal("no target")
				}
				group.leave(f)
			}
		})
	}
}
