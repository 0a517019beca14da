package front

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
)

// LocalHeader is the header that every call of /_local/ except GET and HEAD must have, with any value. An
// HTML form cannot send it, and browsers do not let scripts of other origins send it.
const LocalHeader = "X-Localecs"

// foreign returns why a call may come from a page in a browser that was made elsewhere, or nil. A
// page that a browser loads from anywhere can send calls to loopback, and one whose name was made to
// point to loopback (DNS rebinding) can read the answers, too: the name that the browser called is
// in Host, and where the page is from is in Origin.
func (s *Server) foreign(r *http.Request) error {
	if !s.ownHost(r) {
		return fmt.Errorf(
			"host %q is not a name of this server. If it is, start it with -allow-host, or set Config.AllowHosts",
			r.Host)
	}
	if origin := r.Header.Get("Origin"); origin != "" && !ownOrigin(origin, r.Host) {
		return fmt.Errorf("a page of origin %q may not call this server", origin)
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		return fmt.Errorf("a page of another site may not call this server (Sec-Fetch-Site: %s)", site)
	}
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	if strings.HasPrefix(r.URL.Path, "/_local/") && !reads && r.Header.Get(LocalHeader) == "" {
		return fmt.Errorf("%s %s needs the header %s, with any value: a page cannot send it", r.Method,
			r.URL.Path, LocalHeader)
	}
	return nil
}

// ownHost reports whether the host that a call names is loopback, one that is allowed, or the address,
// other than loopback, that the connection was made to. A name that only points here is not.
func (s *Server) ownHost(r *http.Request) bool {
	host := hostOf(r.Host)
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	if slices.ContainsFunc(s.config.AllowHosts, func(h string) bool { return hostOf(h) == host }) {
		return true
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	local, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ip.Unmap().IsLoopback() || local != nil && local.AddrPort().Addr().Unmap() == ip.Unmap()
}

// hostOf is a host without its port, brackets, trailing dot and capitals.
func hostOf(hostport string) string {
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// ownOrigin reports whether a page of this origin was loaded from the host that it calls.
func ownOrigin(origin, host string) bool {
	u, err := url.Parse(origin)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && strings.EqualFold(u.Host, host)
}
