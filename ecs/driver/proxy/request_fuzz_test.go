package proxy

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance"
)

// Whatever a client sends, it gets an answer of the listener's, and a redirect has one line.
// Seen to fail: redirect took the path as it is unescaped (the URL had lines of the client's).
func FuzzRequest(f *testing.F) {
	for _, r := range []string{
		"GET /green/x HTTP/1.1\r\nHost: example.com\r\n\r\n", "GET /old/a%0d%0ab?c=%0a HTTP/1.1\r\nHost: a:b:c\r\n\r\n",
		"GET /?to=green&x;y HTTP/1.1\r\nHost: [::1]:80\r\nX-Color: green\r\nCookie: AWSALBTG=AAAA; AWSALB=\r\n\r\n",
		"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET / HTTP/1.0\r\nX-Forwarded-For: " + strings.Repeat("a,", 31) + "b\r\n\r\n",
	} {
		f.Add(r)
	}
	p := opened(f, Config{})
	when := func(n int, c loadbalance.Condition, a loadbalance.Action) loadbalance.Rule {
		return loadbalance.Rule{Priority: n, Conditions: []loadbalance.Condition{c}, Action: a}
	}
	sticky := to(blue, 1)
	sticky.Forward.Stickiness = loadbalance.ForwardStickiness{Enabled: true, DurationSeconds: 60}
	given := loadbalance.Listener{ListenerArn: front, DefaultAction: sticky, Rules: []loadbalance.Rule{
		when(1, loadbalance.Condition{Field: loadbalance.ConditionFieldPathPattern, Values: []string{"/old/*"}},
			loadbalance.Action{Type: loadbalance.ActionTypeRedirect, Redirect: &loadbalance.Redirect{
				Path: "/new/#{path}", StatusCode: "HTTP_301"}}),
		when(2, loadbalance.Condition{Field: loadbalance.ConditionFieldQueryString,
			QueryString: []ecs.KeyValuePair{{Name: "to", Value: "g*"}}}, to(green, 1)),
		when(3, loadbalance.Condition{Field: loadbalance.ConditionFieldHTTPHeader, HTTPHeaderName: "X-Color",
			Values: []string{"g?een"}}, to(green, 1)),
		when(4, loadbalance.Condition{Field: loadbalance.ConditionFieldSourceIP, Values: []string{"192.0.2.0/24"}},
			to(green, 1)),
	}}
	require.NoError(f, given.Validate())
	_, err := p.Listen(f.Context(), given, "127.0.0.1:0")
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, sent string) {
		r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(sent)))
		if err != nil {
			return // the server answers it
		}
		r.RemoteAddr = "127.0.0.1:1"
		answer := httptest.NewRecorder()
		p.listeners[front].ServeHTTP(answer, r)
		require.Contains(t, []int{301, 463, 503}, answer.Code)
		require.NotContains(t, answer.Header().Get("Location"), "\n")
		require.NotContains(t, answer.Header().Get("Location"), "\r")
		require.Empty(t, p.unsealed(r, cookieGroup), "a cookie that is not the proxy's")
	})
}
