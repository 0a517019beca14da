package proxy

import (
	"cmp"
	"errors"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/bayplan/bayplan/loadbalance"
)

// Status codes that only load balancers have.
const (
	statusClientClosed   = 460 // before the answer; only counted
	statusTooManyProxies = 463 // more than 30 addresses in X-Forwarded-For
	forwardedAtMost      = 30
)

// tally counts answers by status code.
type tally struct {
	mu    sync.Mutex
	codes map[int]int64
}

func (c *tally) count(code int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.codes == nil {
		c.codes = map[int]int64{}
	}
	c.codes[code]++ // the proxy's own codes are few
}

// Errors returns how often the proxy itself has answered with a status code, and not a target: 502, 503, 504, and
// those that only load balancers have.
func (p *Proxy) Errors() map[int]int64 {
	p.errors.mu.Lock()
	defer p.errors.mu.Unlock()
	return maps.Clone(p.errors.codes)
}

// answer answers a request in the proxy's own name.
func (p *Proxy) answer(w http.ResponseWriter, code int) {
	p.errors.count(code)
	text := http.StatusText(code)
	if text == "" {
		text = "Error"
	}
	w.Header().Set("Server", "awselb/2.0")
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(code)
	title := decimal(code) + " " + text
	_, _ = w.Write([]byte("<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
		"</h1></center>\r\n</body>\r\n</html>\r\n")) // the client may have gone
}

// timedOut reports whether an error is that time was up.
func timedOut(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}

// unreached reports whether an error is that there was no connection, so that no byte has left.
func unreached(err error) bool {
	var dial *net.OpError
	return errors.As(err, &dial) && dial.Op == "dial"
}

// redirect answers with another URL.
// Source: Elastic Load Balancing, Application Load Balancers, "Redirect actions".
func redirect(w http.ResponseWriter, r *http.Request, to loadbalance.Redirect, port int) {
	has := strings.NewReplacer("#{protocol}", "http", "#{host}", hostOf(r), "#{port}", decimal(port),
		"#{path}", strings.TrimPrefix(r.URL.EscapedPath(), "/"), "#{query}", r.URL.RawQuery)
	fill := func(part, otherwise string) string { return has.Replace(cmp.Or(part, otherwise)) }
	scheme := strings.ToLower(fill(to.Protocol, "#{protocol}"))
	location := scheme + "://" + fill(to.Host, "#{host}")
	switch given := fill(to.Port, "#{port}"); {
	case scheme == "http" && given == "80", scheme == "https" && given == "443":
	default:
		location += ":" + given
	}
	location += fill(to.Path, "/#{path}")
	if query := fill(to.Query, "#{query}"); query != "" {
		location += "?" + query
	}
	code := http.StatusFound
	if to.StatusCode == "HTTP_301" {
		code = http.StatusMovedPermanently
	}
	w.Header().Set("Location", location)
	w.WriteHeader(code)
}

// fixed answers without a target.
func fixed(w http.ResponseWriter, f loadbalance.FixedResponse) {
	if f.ContentType != "" {
		w.Header().Set("Content-Type", f.ContentType)
	}
	w.WriteHeader(f.StatusCode)
	_, _ = w.Write([]byte(f.MessageBody)) // the client may have gone
}
