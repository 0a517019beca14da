package proxy

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/loadbalance"
)

// The cookies of an Application Load Balancer.
const (
	cookieTarget      = "AWSALB"
	cookieApplication = "AWSALBAPP-0"
	cookieGroup       = "AWSALBTG"
)

// cookieFor is a cookie that an answer is to set.
type cookieFor struct {
	name, value string
	seconds     int // 0: as long as the client runs
}

// newSeal returns what encrypts the values of cookies: nobody else can make one, or read where a target is.
func newSeal(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// sealed returns the value of a cookie that names something until a time.
func (p *Proxy) sealed(cookie, named string, until time.Time) string {
	nonce := make([]byte, p.seal.NonceSize())
	_, _ = rand.Read(nonce) // never fails
	plain := strconv.FormatInt(until.Unix(), 10) + " " + named
	return base64.RawURLEncoding.EncodeToString(p.seal.Seal(nonce, nonce, []byte(plain), []byte(cookie)))
}

// unsealed returns what a client's cookie names; "" if it has none, or one that is not the proxy's, or is over.
func (p *Proxy) unsealed(r *http.Request, name string) string {
	c, err := r.Cookie(name)
	if err != nil {
		return ""
	}
	raw, err := base64.RawURLEncoding.DecodeString(c.Value)
	size := p.seal.NonceSize()
	if err != nil || len(raw) < size {
		return ""
	}
	plain, err := p.seal.Open(nil, raw[:size], raw[size:], []byte(name))
	if err != nil {
		return ""
	}
	until, named, _ := strings.Cut(string(plain), " ")
	seconds, err := strconv.ParseInt(until, 10, 64)
	if err != nil || !p.now().Before(time.Unix(seconds, 0)) {
		return ""
	}
	return named
}

// stickiness returns the group's, and the cookie that it takes; "" where it is off.
func (g *group) stickiness() (loadbalance.Stickiness, string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch s := g.set.Stickiness; {
	case !s.Enabled:
		return s, ""
	case s.Type == loadbalance.StickinessTypeAppCookie:
		return s, cookieApplication
	default:
		return s, cookieTarget
	}
}

// preferred returns the target that a client has had, as commands name it; "" if it may get any.
func (g *group) preferred(r *http.Request) string {
	if _, cookie := g.stickiness(); cookie != "" {
		return g.proxy.unsealed(r, cookie)
	}
	return ""
}

// stick has the answer of a target set the cookies that keep its client there.
// Source: Elastic Load Balancing, Application Load Balancers, "Sticky sessions".
func (f *flight) stick(g *group, t *target, answer *http.Response) {
	cookies := f.cookies
	s, cookie := g.stickiness()
	if cookie == cookieTarget || cookie == cookieApplication && sets(answer, s.CookieName) {
		until := g.proxy.now().Add(time.Duration(s.DurationSeconds) * time.Second)
		cookies = append(cookies, cookieFor{cookie, g.proxy.sealed(cookie, t.named, until), s.DurationSeconds})
	}
	for _, c := range cookies {
		set := http.Cookie{Name: c.name, Value: c.value, Path: "/", MaxAge: c.seconds}
		answer.Header.Add("Set-Cookie", set.String())
	}
}

// sets reports whether an answer sets a cookie.
func sets(answer *http.Response, name string) bool {
	for _, c := range answer.Cookies() {
		if c.Name == name {
			return true
		}
	}
	return false
}
