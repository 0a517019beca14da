package front_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/localecs/front"
)

// page is a call as a browser sends it for a page.
type page struct {
	method, url, host string
	header            []string
	local             string // the address that the connection was made to; "" for loopback
}

func (p page) status(t *testing.T, h http.Handler) int {
	t.Helper()
	r := httptest.NewRequest(p.method, p.url, strings.NewReader("{}"))
	r.Host = p.host
	for i := 0; i < len(p.header); i += 2 {
		r.Header.Set(p.header[i], p.header[i+1])
	}
	if p.local != "" {
		r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey,
			&net.TCPAddr{IP: net.ParseIP(p.local), Port: 8090}))
	}
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, r)
	return recorder.Code
}

// A page of another origin carries nothing out, a name that only points to loopback reaches nothing,
// and /_local/ wants a header that a form cannot send.
//
// Seen to fail: each of the four conditions of Server.foreign left out.
func TestOrigin(t *testing.T) {
	server, err := front.New(front.Config{Manual: true, AllowHosts: []string{"localecs", "ecs.test:9000"}})
	require.NoError(t, err)
	const (
		api   = ecsTarget + "ListClusters"
		reset = "/_local/reset"
	)
	foreign := []string{"Origin", "http://evil.example"}
	own := []string{front.LocalHeader, "1"}
	target := []string{"X-Amz-Target", api}
	with := func(base []string, more ...string) []string { return append(append([]string{}, base...), more...) }
	for name, k := range map[string]struct {
		page page
		want int
	}{
		"a client on loopback":       {page{"POST", "/", "127.0.0.1:8090", target, ""}, 200},
		"by name":                    {page{"POST", "/", "LocalHost:8090", target, ""}, 200},
		"by a name below it":         {page{"POST", "/", "ecs.localhost", target, ""}, 200},
		"by IPv6":                    {page{"POST", "/", "[::1]:8090", target, ""}, 200},
		"by IPv4 in IPv6":            {page{"POST", "/", "[::ffff:127.0.0.1]", target, ""}, 200},
		"by a further loopback":      {page{"POST", "/", "127.8.9.1:80", target, ""}, 200},
		"by an allowed name":         {page{"POST", "/", "localecs:8090", target, ""}, 200},
		"allowed with a port":        {page{"POST", "/", "ecs.test", target, ""}, 200},
		"to its own address":         {page{"POST", "/", "10.1.2.3:8090", target, "10.1.2.3"}, 200},
		"to another address":         {page{"POST", "/", "10.1.2.4:8090", target, "10.1.2.3"}, 403},
		"an address, over loopback":  {page{"POST", "/", "10.1.2.3:8090", target, ""}, 403},
		"a name that points here":    {page{"POST", "/", "evil.example", target, ""}, 403},
		"with a port":                {page{"POST", "/", "evil.example:8090", target, ""}, 403},
		"a name that ends like it":   {page{"POST", "/", "evillocalhost", target, ""}, 403},
		"a name that begins like it": {page{"POST", "/", "localhost.evil.example", target, ""}, 403},
		"an address in a name":       {page{"POST", "/", "127.0.0.1.evil.example", target, ""}, 403},
		"any address":                {page{"POST", "/", "0.0.0.0:8090", target, ""}, 403},
		"no host":                    {page{"POST", "/", "", target, ""}, 403},
		"a foreign page": {page{"POST", "/", "localhost:8090",
			with(target, "Origin", "http://evil.example"), ""}, 403},
		"a page without an origin": {page{"POST", "/", "localhost:8090", with(target, "Origin", "null"), ""}, 403},
		"a page of another port": {page{"POST", "/", "localhost:8090",
			with(target, "Origin", "http://localhost:3000"), ""}, 403},
		"a page of its own": {page{"POST", "/", "localhost:8090",
			with(target, "Origin", "http://localhost:8090"), ""}, 200},
		"as the browser says": {page{"POST", "/", "localhost:8090", with(target, "Sec-Fetch-Site",
			"cross-site"), ""}, 403},
		"reset": {page{"POST", reset, "localhost:8090", own, ""}, 200},
		"reset by a foreign page": {page{"POST", reset, "localhost:8090",
			with(own, "Origin", "http://evil.example"), ""}, 403},
		"reset by a form": {page{"POST", reset, "localhost:8090", nil, ""}, 403},
		"moto's reset":    {page{"POST", "/moto-api/reset", "localhost:8090", nil, ""}, 200},
		"moto's reset by a form": {page{"POST", "/moto-api/reset", "localhost:8090",
			[]string{"Origin", "null"}, ""}, 403},
		"moto's reset, rebound":     {page{"POST", "/moto-api/reset", "evil.example", nil, ""}, 403},
		"the timeline in a browser": {page{"GET", "/_local/timeline?format=html", "localhost:8090", nil, ""}, 200},
		"the timeline, rebound":     {page{"GET", "/_local/timeline?format=html", "evil.example", nil, ""}, 403},
		"the timeline to another page": {page{"GET", "/_local/timeline", "localhost:8090",
			[]string{"Origin", "http://evil.example"}, ""}, 403},
		"the console":                {page{"GET", "/", "localhost:8090", nil, ""}, 200},
		"the console, rebound":       {page{"GET", "/", "evil.example", nil, ""}, 403},
		"its stream to another page": {page{"GET", "/_console/live", "localhost:8090", foreign, ""}, 403},
		"its stream, rebound":        {page{"GET", "/_console/live", "evil.example", nil, ""}, 403},
		"its time by a form":         {page{"POST", "/_console/pace", "localhost:8090", nil, ""}, 403},
		"its time by a foreign page": {page{"POST", "/_console/step", "localhost:8090",
			with(foreign, "X-Console", "1"), ""}, 403},
		"a question by a form": {page{"POST", "/_console/whatif", "localhost:8090", nil, ""}, 403},
		"a preflight": {page{"OPTIONS", "/", "localhost:8090",
			[]string{"Origin", "http://evil.example"}, ""}, 403},
		"advance by GET": {page{"GET", "/_local/advance?by=1h", "localhost:8090", nil, ""}, 400},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, k.want, k.page.status(t, server)) })
	}
}
