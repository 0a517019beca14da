package proxy

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/driver/internal/file"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

// endpoint is what the file of a Server says: where it listens, and what its callers must know.
type endpoint struct {
	Address string `json:"address"`
	Key     string `json:"key"`
}

// endpointFile is the file in the directory of a server.
const endpointFile = "proxy.endpoint"

// maxCommand is how many bytes a command may have.
const maxCommand = 4 << 20

// listening is the input of the operation Listen.
type listening struct {
	Listener loadbalance.Listener `json:"listener"`
	Address  string               `json:"address"`
}

// operation carries out a call of a Remote.
type operation func(p *Proxy, ctx context.Context, input []byte) (any, error)

func call[In, Out any](f func(*Proxy, context.Context, In) (Out, error)) operation {
	return func(p *Proxy, ctx context.Context, input []byte) (any, error) {
		var in In
		if err := json.Unmarshal(input, &in); err != nil {
			return nil, driver.Permanent(ecs.Fault(ecs.InvalidParameterException, "", err.Error()))
		}
		return f(p, ctx, in)
	}
}

func do[In any](f func(*Proxy, context.Context, In) error) operation {
	return call(func(p *Proxy, ctx context.Context, in In) (struct{}, error) { return struct{}{}, f(p, ctx, in) })
}

// operations are what a Remote can ask for, by name.
var operations = map[string]operation{
	"RegisterTarget":   do((*Proxy).RegisterTarget),
	"DeregisterTarget": do((*Proxy).DeregisterTarget),
	"ModifyTraffic":    do((*Proxy).ModifyTraffic),
	"GetMetric":        call((*Proxy).GetMetric),
	"Listen": call(func(p *Proxy, ctx context.Context, in listening) (string, error) {
		return p.Listen(ctx, in.Listener, in.Address)
	}),
	"Unlisten": do((*Proxy).Unlisten),
	"Requests": call(func(p *Proxy, _ context.Context, _ struct{}) (map[string]int64, error) {
		return p.Requests(), nil
	}),
	"Errors": call(func(p *Proxy, _ context.Context, _ struct{}) (map[int]int64, error) { return p.Errors(), nil }),
}

// fault is an error on its way to a Remote.
type fault struct {
	Code      ecs.Code `json:"code,omitzero"`
	Field     string   `json:"field,omitzero"`
	Message   string   `json:"message"`
	Permanent bool     `json:"permanent,omitzero"`
}

// Serve makes a proxy of the configuration and lets the processes that can read the directory use it, each by a
// [Remote], until the context ends; the proxy ends with it. It listens on a port of 127.0.0.1 that the kernel
// chooses. The port, and a random key without which it answers nothing, are in the file proxy.endpoint of the
// directory, with mode 0600. The proxy's state is in the directory, too, if the configuration names no file. Its Notify
// hears of health in addition to the remotes. Errors are those of New, and a directory that cannot be written.
func Serve(ctx context.Context, directory string, config Config) error {
	if config.File == "" {
		config.File = filepath.Join(directory, "proxy.json")
	}
	s := &server{key: rand.Text(), notify: config.Notify, remotes: map[chan message.TargetHealth]bool{}}
	config.Notify = s.tell
	p, err := New(config)
	if err != nil {
		return err
	}
	s.proxy = p
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return errors.Join(err, p.Close())
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second, ErrorLog: log.New(io.Discard, "", 0),
		BaseContext: func(net.Listener) context.Context { return ctx }}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() }) // Serve below says that it has ended
	defer stop()
	known := file.Kept{Path: filepath.Join(directory, endpointFile)}
	if err := known.Write(endpoint{socket.Addr().String(), s.key}); err != nil {
		return errors.Join(err, socket.Close(), p.Close())
	}
	err = server.Serve(socket)
	if ctx.Err() != nil {
		err = nil
	}
	return errors.Join(err, p.Close())
}

// server answers the remotes of a proxy.
type server struct {
	proxy  *Proxy
	key    string
	notify func(message.Event)

	mu      sync.Mutex
	remotes map[chan message.TargetHealth]bool
}

// tell hands a report to each remote that watches. One that does not keep up misses it, and hears it again later.
func (s *server) tell(e message.Event) {
	if s.notify != nil {
		s.notify(e)
	}
	h, ok := e.(message.TargetHealth)
	if !ok {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for to := range s.remotes { //order:any each by itself
		select {
		case to <- h:
		default:
		}
	}
}

// ServeHTTP carries out one call, or streams the health of targets.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte("Bearer "+s.key)) != 1 {
		http.Error(w, "the key is missing or wrong", http.StatusForbidden)
		return
	}
	name := r.URL.Path[1:]
	if name == "Watch" {
		s.stream(w, r)
		return
	}
	op, known := operations[name]
	if !known || r.Method != http.MethodPost {
		http.Error(w, "no such operation", http.StatusNotFound)
		return
	}
	input, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCommand))
	var out any
	if err == nil {
		out, err = op(s.proxy, r.Context(), input)
	}
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		f := fault{Message: err.Error(), Permanent: driver.IsPermanent(err)}
		for e := range ecs.Errors(err) {
			f.Code, f.Field, f.Message = e.Code, e.Field, e.Message
		}
		w.WriteHeader(http.StatusBadRequest)
		out = f
	}
	_ = json.NewEncoder(w).Encode(out) // the caller may have gone
}

// stream sends the health of every target, and then each report, one JSON document a line.
func (s *server) stream(w http.ResponseWriter, r *http.Request) {
	reports := make(chan message.TargetHealth, 4096)
	s.mu.Lock()
	s.remotes[reports] = true
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.remotes, reports)
	}()
	s.proxy.report()
	out, flush := json.NewEncoder(w), http.NewResponseController(w)
	for {
		select {
		case <-r.Context().Done():
			return
		case h := <-reports:
			if out.Encode(h) != nil || len(reports) == 0 && flush.Flush() != nil {
				return // the remote has gone
			}
		}
	}
}

// urlOf is where an operation is asked for.
func (e endpoint) urlOf(name string) string {
	return (&url.URL{Scheme: "http", Host: e.Address, Path: "/" + name}).String()
}

// errorOf makes an error of one that was sent.
func (f fault) errorOf() error {
	err := errors.New(f.Message)
	if f.Code != "" {
		err = ecs.Fault(f.Code, f.Field, f.Message)
	}
	if f.Permanent {
		return driver.Permanent(err)
	}
	return fmt.Errorf("the proxy: %w", err)
}

var (
	_ driver.Targets   = (*Proxy)(nil)
	_ driver.Listeners = (*Proxy)(nil)
	_ driver.Metrics   = (*Proxy)(nil)
	_ driver.Targets   = (*Remote)(nil)
	_ driver.Listeners = (*Remote)(nil)
	_ driver.Metrics   = (*Remote)(nil)
)
