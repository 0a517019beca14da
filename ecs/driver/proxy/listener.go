package proxy

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver/internal/epochs"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

// listener is a listener with its socket.
type listener struct {
	proxy  *Proxy
	given  loadbalance.Listener // as the caller, or a command, has given it
	table  atomic.Pointer[table]
	turns  atomic.Uint64 // requests that were forwarded
	socket net.Listener
	close  func()
}

// table is what requests are routed by.
type table struct {
	loadbalance.Listener
	looks map[loadbalance.ConditionField]bool // at which rules look
}

// rule is the weights that a command has given a rule, or the default action of a listener.
type rule struct {
	Epoch   uint64                      `json:"epoch"`
	Weights []message.TargetGroupWeight `json:"weights"`
}

// Listen opens a listener on a TCP address, such as 127.0.0.1:0, and returns the address on which it is open. A
// listener of the ARN that is open already gets these rules and stays where it is. The rules that
// [Proxy.ModifyTraffic] has set weights of have those. Errors: those of loadbalance.Listener.Validate, an address
// that is not free, a file that cannot be written.
func (p *Proxy) Listen(ctx context.Context, l loadbalance.Listener, address string) (string, error) {
	if err := l.Validate(); err != nil {
		return "", err
	}
	switch l.Protocol {
	case "", loadbalance.ProtocolHTTP, loadbalance.ProtocolTCP:
	default:
		return "", ecs.Fault(loadbalance.InvalidConfigurationRequest, "protocol",
			fmt.Sprintf("the proxy listens for HTTP and TCP, and not for %s", l.Protocol))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return "", err
	}
	if p.ctx.Err() != nil {
		return "", net.ErrClosed
	}
	if known := p.listeners[l.ListenerArn]; known != nil {
		known.given = l
		p.route()
		return known.socket.Addr().String(), p.keep()
	}
	socket, err := net.Listen("tcp", address)
	if err != nil {
		return "", err
	}
	p.serve(l, socket)
	if err := p.keep(); err != nil {
		return "", err
	}
	return socket.Addr().String(), nil
}

// Unlisten closes a listener and its connections, but for those of TCP that are under way. One that is not open counts
// as closed. The error is that of the file.
func (p *Proxy) Unlisten(ctx context.Context, arn string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.ctx.Err() != nil {
		return net.ErrClosed
	}
	l := p.listeners[arn]
	if l == nil {
		return nil
	}
	delete(p.listeners, arn)
	l.close()
	return p.keep()
}

// serve begins to serve a listener.
func (p *Proxy) serve(given loadbalance.Listener, socket net.Listener) {
	l := &listener{proxy: p, given: given, socket: socket}
	p.listeners[given.ListenerArn] = l
	p.route()
	if given.Protocol == loadbalance.ProtocolTCP {
		l.close = func() { _ = socket.Close() } // its connections end with the proxy
		p.start(l.accept)
		return
	}
	server := &http.Server{
		Handler:           l,
		ReadHeaderTimeout: cmp.Or(p.config.IdleTimeout, time.Minute),
		IdleTimeout:       cmp.Or(p.config.IdleTimeout, time.Minute),
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          log.New(io.Discard, "", 0), // of clients, who may send anything
		Protocols:         new(http.Protocols),
		BaseContext:       func(net.Listener) context.Context { return p.ctx },
	}
	server.Protocols.SetHTTP1(true)
	server.Protocols.SetUnencryptedHTTP2(true)
	l.close = func() { _ = server.Close() } // what it reports, clients see
	p.start(func() {
		if err := server.Serve(socket); p.ctx.Err() == nil && err != http.ErrServerClosed {
			p.warn("a listener ended", "listener", given.ListenerArn, "error", err)
		}
	})
}

// route makes the tables anew: each listener as it was given, with the weights of commands.
func (p *Proxy) route() {
	for _, l := range p.listeners { //order:any each by itself
		t := &table{Listener: l.given, looks: map[loadbalance.ConditionField]bool{}}
		t.Rules = slices.Clone(t.Rules)
		p.weigh(t.ListenerArn, &t.DefaultAction)
		for i := range t.Rules {
			p.weigh(t.Rules[i].RuleArn, &t.Rules[i].Action)
			for _, c := range t.Rules[i].Conditions {
				t.looks[c.Field] = true
			}
		}
		l.table.Store(t)
	}
}

// weigh gives an action the weights that a command has set for it.
func (p *Proxy) weigh(name string, a *loadbalance.Action) {
	r, known := p.rules[name]
	if !known || name == "" || cmp.Or(a.Type, loadbalance.ActionTypeForward) != loadbalance.ActionTypeForward {
		return
	}
	a.Forward.TargetGroups = nil
	for _, w := range r.Weights {
		a.Forward.TargetGroups = append(a.Forward.TargetGroups,
			loadbalance.WeightedTargetGroup{TargetGroupArn: w.TargetGroupArn, Weight: ecs.Some(w.Weight)})
	}
}

// remember keeps the weights of a rule. Where there are many, those that no listener has go, the oldest first.
func (p *Proxy) remember(name string, c message.ModifyTraffic) {
	p.rules[name] = rule{Epoch: c.ID.Epoch, Weights: slices.Clone(c.Weights)}
	for len(p.rules) > epochs.Memorable {
		oldest := ""
		for other, r := range p.rules { //order:any the oldest is one
			if o, ok := p.rules[oldest]; other != name && (!ok || r.Epoch < o.Epoch) {
				oldest = other
			}
		}
		delete(p.rules, oldest)
	}
}

// Weights returns what [Proxy.ModifyTraffic] last set for a rule; nil if it has not.
func (p *Proxy) Weights(name string) []message.TargetGroupWeight {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.rules[name].Weights)
}

// ServeHTTP carries out what the listener's rules say about a request.
func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	forwarded := 0
	for _, list := range r.Header["X-Forwarded-For"] {
		forwarded += 1 + strings.Count(list, ",")
	}
	if forwarded > forwardedAtMost {
		l.proxy.answer(w, statusTooManyProxies)
		return
	}
	t := l.table.Load()
	switch action, _ := t.Route(t.request(r)); action.Type {
	case loadbalance.ActionTypeRedirect:
		redirect(w, r, *action.Redirect, l.port())
	case loadbalance.ActionTypeFixedResponse:
		fixed(w, *action.FixedResponse)
	default:
		l.forward(w, r, action.Forward)
	}
}

// forward sends a request to one of the target groups of a forward.
func (l *listener) forward(w http.ResponseWriter, r *http.Request, fw loadbalance.Forward) {
	name, cookies, ok := "", []cookieFor(nil), false
	if fw.Stickiness.Enabled {
		name, ok = l.proxy.had(r, fw)
	}
	if !ok {
		name, ok = fw.Pick(l.proxy.config.Seed, l.turns.Add(1))
	}
	g := l.proxy.group(name)
	if !ok || g == nil {
		l.proxy.answer(w, http.StatusServiceUnavailable)
		return
	}
	if seconds := fw.Stickiness.DurationSeconds; fw.Stickiness.Enabled {
		until := l.proxy.now().Add(time.Duration(seconds) * time.Second)
		cookies = []cookieFor{{cookieGroup, l.proxy.sealed(cookieGroup, name, until), seconds}}
	}
	g.forward(w, r, cookies)
}

// had returns the target group that a client's cookie names, if it is still one with a weight.
func (p *Proxy) had(r *http.Request, fw loadbalance.Forward) (string, bool) {
	name := p.unsealed(r, cookieGroup)
	for _, g := range fw.TargetGroups {
		if g.TargetGroupArn == name && g.Weight.Or(1) > 0 {
			return name, true
		}
	}
	return "", false
}

// request returns what the rules look at.
func (t *table) request(r *http.Request) loadbalance.Request {
	q := loadbalance.Request{Host: hostOf(r), Path: r.URL.Path, Method: r.Method}
	if t.looks[loadbalance.ConditionFieldHTTPHeader] {
		for name, values := range r.Header { //order:any conditions look at one header
			for _, v := range values {
				q.Header = append(q.Header, ecs.KeyValuePair{Name: name, Value: v})
			}
		}
	}
	if t.looks[loadbalance.ConditionFieldQueryString] {
		values, err := url.ParseQuery(r.URL.RawQuery)
		_ = err                          // what can be read counts
		for name, list := range values { //order:any conditions look for one pair
			for _, v := range list {
				q.Query = append(q.Query, ecs.KeyValuePair{Name: name, Value: v})
			}
		}
	}
	if t.looks[loadbalance.ConditionFieldSourceIP] {
		if a, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
			q.SourceIP = a.Addr().Unmap()
		}
	}
	return q
}

func hostOf(r *http.Request) string {
	if host, _, err := net.SplitHostPort(r.Host); err == nil {
		return host
	}
	return r.Host
}

func (l *listener) port() int {
	if a, ok := l.socket.Addr().(*net.TCPAddr); ok {
		return a.Port
	}
	return l.given.Port
}
