package proxy

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"sync/atomic"
)

// The reasons for which a request ends early.
var (
	errDrained = errors.New("the deregistration delay of the target is over")
	errNoOther = errors.New("no other target takes the request")
)

const (
	replayable = 64 << 10 // bytes of a body that is kept to be sent again
	tries      = 3        // targets that a request is sent to at most
)

// flight is a request on its way: the context of the request to the target, too.
type flight struct {
	context.Context
	cancel  context.CancelCauseFunc
	in      *http.Request
	group   *group
	target  *target   // that it is at; nil when it has left
	tried   []*target // targets that failed it
	prefer  string    // the target that a cookie names
	body    *body     // of the request; nil without one
	cookies []cookieFor
}

type flightKey struct{}

// Value returns the flight itself for its key.
func (f *flight) Value(key any) any {
	if key == (flightKey{}) {
		return f
	}
	return f.Context.Value(key)
}

// body is the body of a request. The transport may close it and not read it: a second attempt can have it then.
type body struct {
	io.ReadCloser             // of the client
	sent          atomic.Bool // some of it was read
	whole         []byte      // all of it, if it is short
}

func (b *body) Read(p []byte) (int, error) {
	b.sent.Store(true)
	return b.ReadCloser.Read(p)
}

// Close leaves the client's body open for another attempt; the server closes it.
func (*body) Close() error { return nil }

// newBody returns the body of a request. A short one is read at once. The error is the client's.
func newBody(r *http.Request) (*body, error) {
	if r.Body == nil || r.Body == http.NoBody || r.ContentLength == 0 {
		return nil, nil
	}
	b := &body{ReadCloser: r.Body}
	if r.ContentLength < 0 || r.ContentLength > replayable {
		return b, nil
	}
	b.whole = make([]byte, r.ContentLength)
	_, err := io.ReadFull(r.Body, b.whole)
	return b, err
}

// attach gives the request to a target its body for one attempt.
func (b *body) attach(r *http.Request) {
	switch {
	case b == nil:
		r.Body = nil
	case b.whole != nil:
		r.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.whole)), nil }
		r.Body = io.NopCloser(bytes.NewReader(b.whole))
	default:
		r.Body = b
	}
}

// RoundTrip sends a request to its target, and where that fails, and HTTP allows it, to another.
func (g *group) RoundTrip(out *http.Request) (*http.Response, error) {
	f, ok := out.Context().Value(flightKey{}).(*flight)
	if !ok {
		return nil, errNoOther
	}
	for attempt := out; ; {
		t := f.target
		attempt.URL.Host = t.address
		f.body.attach(attempt)
		answer, err := g.http.RoundTrip(attempt)
		if err == nil {
			f.stick(g, t, answer)
			return answer, nil
		}
		f.tried = append(f.tried, t)
		if f.Err() != nil || len(f.tried) == tries || !f.again(err) || !g.take(f) {
			return nil, err
		}
		attempt = out.Clone(f)
	}
}

// again reports whether HTTP allows to send a request a second time after it failed without an answer: if no byte of
// it has left, or if it changes nothing that a first time has not, and its body is still there.
// Source: RFC 9110, section 9.2.2, "Idempotent Methods".
func (f *flight) again(err error) bool {
	intact := f.body == nil || f.body.whole != nil || !f.body.sent.Load()
	return intact && (unreached(err) || idempotent(f.in))
}

func idempotent(r *http.Request) bool {
	methods := []string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut,
		http.MethodDelete}
	return slices.Contains(methods, r.Method) || r.Header.Get("Idempotency-Key") != ""
}
