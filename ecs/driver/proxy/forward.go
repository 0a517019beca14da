package proxy

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/hex"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httputil"
	"sync"
	"time"

	"github.com/bayplan/bayplan/loadbalance"
)

// transport makes the connections to the targets of a group. Idle ones are closed before most servers would: a
// request that is sent on a connection that its target closes may fail.
func transport(config loadbalance.TargetGroup, idle time.Duration) *http.Transport {
	t := &http.Transport{
		DialContext:            (&net.Dialer{Timeout: 10 * time.Second}).DialContext,
		DisableCompression:     true,
		MaxIdleConnsPerHost:    256,
		IdleConnTimeout:        4 * time.Second,
		ResponseHeaderTimeout:  cmp.Or(idle, time.Minute),
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: 64 << 10,
		Protocols:              new(http.Protocols),
	}
	switch config.ProtocolVersion {
	case loadbalance.ProtocolVersionHTTP2, loadbalance.ProtocolVersionGRPC:
		t.Protocols.SetUnencryptedHTTP2(true)
	default:
		t.Protocols.SetHTTP1(true)
	}
	return t
}

// forwarder returns the reverse proxy over the targets of the group.
func (g *group) forwarder() *httputil.ReverseProxy {
	return &httputil.ReverseProxy{
		Rewrite:       rewrite,
		Transport:     g,
		FlushInterval: 10 * time.Millisecond, // at once would take a flush of its own for each short answer
		BufferPool:    &buffers{},
		ErrorLog:      log.New(io.Discard, "", 0), // failed answers are counted and told to the client
		ErrorHandler:  g.failed,
	}
}

// buffers are those in which answers are copied.
type buffers struct{ pool sync.Pool }

func (b *buffers) Get() []byte {
	if kept, ok := b.pool.Get().(*[]byte); ok {
		return *kept
	}
	return make([]byte, 32<<10)
}

func (b *buffers) Put(buffer []byte) { b.pool.Put(&buffer) }

// rewrite makes of a client's request that to the target: as it is, with the headers that an Application Load
// Balancer adds.
// Source: Elastic Load Balancing, Application Load Balancers, "HTTP headers and Application Load Balancers".
func rewrite(r *httputil.ProxyRequest) {
	r.Out.URL.Scheme, r.Out.URL.RawQuery = "http", r.In.URL.RawQuery
	r.Out.Host = r.In.Host
	for _, name := range []string{"Forwarded", "X-Forwarded-Host"} { // those are the client's own
		if values := r.In.Header[name]; values != nil {
			r.Out.Header[name] = values
		}
	}
	client, _, err := net.SplitHostPort(r.In.RemoteAddr)
	if err != nil {
		client = r.In.RemoteAddr
	}
	for _, before := range r.In.Header["X-Forwarded-For"] {
		client = before + ", " + client
	}
	r.Out.Header["X-Forwarded-For"] = []string{client}
	r.Out.Header["X-Forwarded-Proto"] = []string{"http"}
	if local, ok := r.In.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok {
		r.Out.Header["X-Forwarded-Port"] = []string{decimal(local.Port)}
	}
	if r.In.Header["X-Amzn-Trace-Id"] == nil {
		r.Out.Header["X-Amzn-Trace-Id"] = []string{traceID(time.Now())}
	}
}

// traceID names a request for those who follow it from program to program.
func traceID(now time.Time) string {
	raw := make([]byte, 16)
	binary.BigEndian.PutUint32(raw, uint32(now.Unix()))
	binary.BigEndian.PutUint64(raw[4:], rand.Uint64())
	binary.BigEndian.PutUint32(raw[12:], rand.Uint32())
	id := append(make([]byte, 0, 48), "Root=1-"...)
	id = append(hex.AppendEncode(id, raw[:4]), '-')
	return string(hex.AppendEncode(id, raw[4:]))
}

// forward sends a request to a target of the group, and the answer back.
func (g *group) forward(w http.ResponseWriter, r *http.Request, cookies []cookieFor) {
	b, err := newBody(r)
	if err != nil {
		g.proxy.answer(w, http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithCancelCause(r.Context())
	defer cancel(nil)
	f := &flight{Context: ctx, cancel: cancel, in: r, group: g, body: b, cookies: cookies}
	f.prefer = g.preferred(r)
	if !g.take(f) {
		g.proxy.answer(w, http.StatusServiceUnavailable)
		return
	}
	defer g.leave(f)
	g.reverse.ServeHTTP(w, r.WithContext(f))
}

// failed answers a request to which no target did.
// Source: Elastic Load Balancing, Application Load Balancers, "Troubleshoot your Application Load Balancers".
func (g *group) failed(w http.ResponseWriter, out *http.Request, err error) {
	f, ok := out.Context().Value(flightKey{}).(*flight)
	switch {
	case ok && f.in.Context().Err() != nil:
		g.proxy.errors.count(statusClientClosed)
		panic(http.ErrAbortHandler) // nobody is there to read an answer
	case timedOut(err):
		g.proxy.answer(w, http.StatusGatewayTimeout)
	default:
		g.proxy.answer(w, http.StatusBadGateway)
	}
}
