package serve

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/examples/jetstream/bus"
	"github.com/bayplan/bayplan/examples/jetstream/lead"
	"github.com/bayplan/bayplan/examples/localecs/front"
)

// The headers of calls and answers besides AWS's own.
const (
	// BehindHeader says of an answer of a follower how many records and milliseconds it is behind.
	BehindHeader = "X-Bayplan-Behind"
	// ConsistentHeader asks, with any value, for the leader's answer.
	ConsistentHeader = "X-Bayplan-Consistent"
	// MemberHeader names the member that has answered.
	MemberHeader = "X-Bayplan-Member"
)

// Config says for which member a Handler answers.
type Config struct {
	Member *lead.Member
	Name   string // of the member
	Bus    bus.Bus
	Prefix string        // of all subjects
	Recent *front.Recent // its Observe is that of the member's Runtime
	Front  front.Config  // its World is set
	// Patience is how long a call waits for a leader, and for the leader's answer; 0: 20 s.
	Patience time.Duration
}

// Handler answers the ECS API. It is safe for concurrent use.
type Handler struct {
	config Config
	front  *front.Server
}

// New returns a handler. The error is of Config.Front.
func New(c Config) (*Handler, error) {
	c.Patience = cmp.Or(c.Patience, 20*time.Second)
	c.Front.World = world{c.Recent, c.Member}
	f, err := front.New(c.Front)
	if err != nil {
		return nil, fmt.Errorf("serve: %w", err)
	}
	return &Handler{c, f}, nil
}

// world is the plane of the member, as a call may use it.
type world struct {
	*front.Recent
	member *lead.Member
}

// reading is the key of a context whose call reads only. Its value is a *lead.Behind.
type reading struct{}

// Do lends the leader's plane, or to a call that reads that of a follower.
func (w world) Do(ctx context.Context, f func(*control.Plane, time.Time) error) error {
	if behind, ok := ctx.Value(reading{}).(*lead.Behind); ok {
		var err error
		*behind, err = w.member.Read(ctx, f)
		return err
	}
	return w.member.Do(ctx, f)
}

// ServeHTTP answers a call.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), h.config.Patience)
	defer cancel()
	leads := h.config.Member.Leads()
	switch {
	case reads(r) && r.Header.Get(ConsistentHeader) == "" && h.config.Member.Fresh(ctx):
		h.read(w, r.WithContext(ctx))
	case leads && reads(r):
		h.read(w, r.WithContext(ctx))
	case leads && r.Method == http.MethodPost:
		h.answer(w, r.WithContext(ctx))
	case leads:
		h.answer(w, r) // the console's page lives as long as it is open
	case r.Method == http.MethodPost:
		h.forward(ctx, w, r)
	default:
		_, leader := h.config.Member.Leader()
		http.Error(w, fmt.Sprintf("%s does not lead, and only the leader answers %s here. The leader is %q.",
			h.config.Name, r.Method, leader), http.StatusServiceUnavailable)
	}
}

// reads reports whether a call is a Describe or List action of ECS.
func reads(r *http.Request) bool {
	action, ok := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "AmazonEC2ContainerServiceV20141113.")
	return ok && r.Method == http.MethodPost && (strings.HasPrefix(action, "Describe") ||
		strings.HasPrefix(action, "List"))
}

func (h *Handler) answer(w http.ResponseWriter, r *http.Request) {
	w.Header().Set(MemberHeader, h.config.Name)
	h.front.ServeHTTP(w, r)
}

func (h *Handler) read(w http.ResponseWriter, r *http.Request) {
	behind := &lead.Behind{}
	h.answer(marked{w, behind}, r.WithContext(context.WithValue(r.Context(), reading{}, behind)))
}

// marked says in an answer how far it is behind.
type marked struct {
	http.ResponseWriter
	behind *lead.Behind
}

// WriteHeader sends the header.
func (m marked) WriteHeader(status int) {
	if !m.behind.Leads {
		m.Header().Set(BehindHeader, fmt.Sprintf("records=%d, milliseconds=%d", m.behind.Records,
			m.behind.Silence.Milliseconds()))
	}
	m.ResponseWriter.WriteHeader(status)
}

// forward has the leader answer.
func (h *Handler) forward(ctx context.Context, w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, mostCarried+1))
	if err != nil || len(body) > mostCarried {
		refuse(w, http.StatusRequestEntityTooLarge, ecs.ClientException,
			fmt.Sprintf("A call of more than %d bytes must be sent to the leader.", mostCarried))
		return
	}
	back, err := h.ask(ctx, call{r.Method, r.URL.RequestURI(), r.Host, r.Header, body, r.RemoteAddr})
	if err != nil {
		refuse(w, http.StatusServiceUnavailable, ecs.ServerException, err.Error())
		return
	}
	for name, values := range back.Header {
		w.Header()[name] = values
	}
	w.WriteHeader(back.Status)
	_, _ = w.Write(back.Body) // the client may have gone
}

// refuse writes an error as AWS JSON.
func refuse(w http.ResponseWriter, status int, code ecs.Code, why string) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.Header().Set("X-Amzn-Errortype", string(code))
	w.WriteHeader(status)
	data, _ := json.Marshal(map[string]string{"__type": string(code), "message": why}) // texts always have JSON
	_, _ = w.Write(data)                                                               // the client may have gone
}
