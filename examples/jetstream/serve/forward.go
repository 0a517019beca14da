package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/jetstream/bus"
)

// mostCarried is how many bytes of a body a message carries: as base64 they are less than a server's greatest message.
const mostCarried = 600 << 10

// call is a call on its way to the leader, and result what comes back.
type call struct {
	Method string      `json:"method"`
	URI    string      `json:"uri"`
	Host   string      `json:"host"` // as the client has signed it
	Header http.Header `json:"header"`
	Body   []byte      `json:"body"`
	Remote string      `json:"remote"`
}

type result struct {
	Status    int         `json:"status"`
	Header    http.Header `json:"header,omitzero"`
	Body      []byte      `json:"body,omitzero"`
	NotLeader bool        `json:"notLeader,omitzero"` // it was not carried out
}

func (h *Handler) subject(member string) string { return h.config.Prefix + ".api." + member }

// Listen answers what other members forward, until cancel is called.
func (h *Handler) Listen() (cancel func(), err error) {
	return h.config.Bus.Subscribe(h.subject(h.config.Name), func(data []byte) []byte {
		back, err := json.Marshal(h.carryOut(data))
		if err != nil {
			return nil // it never has JSON
		}
		return back
	})
}

// carryOut answers a forwarded call.
func (h *Handler) carryOut(data []byte) result {
	var c call
	if !h.config.Member.Leads() {
		return result{NotLeader: true}
	}
	ctx, cancel := context.WithTimeout(context.Background(), h.config.Patience)
	defer cancel()
	w := &recorder{header: http.Header{}, status: http.StatusOK}
	err := json.Unmarshal(data, &c)
	if err == nil {
		var r *http.Request
		if r, err = http.NewRequestWithContext(ctx, c.Method, c.URI, bytes.NewReader(c.Body)); err == nil {
			r.Host, r.Header, r.RemoteAddr, r.RequestURI = c.Host, c.Header, c.Remote, c.URI
			if reads(r) {
				h.read(w, r)
			} else {
				h.answer(w, r)
			}
		}
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, ecs.ClientException, err.Error())
	}
	if w.body.Len() > mostCarried {
		w = &recorder{header: http.Header{}}
		refuse(w, http.StatusInternalServerError, ecs.ServerException,
			fmt.Sprintf("An answer of more than %d bytes must be asked for at the leader.", mostCarried))
	}
	return result{Status: w.status, Header: w.header, Body: w.body.Bytes()}
}

// recorder keeps an answer.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header                { return r.header }
func (r *recorder) WriteHeader(status int)             { r.status = status }
func (r *recorder) Write(data []byte) (n int, e error) { return r.body.Write(data) }

// errNoLeader is the error of a call for which no leader was found.
var errNoLeader = errors.New("serve: nobody leads the control plane at the moment")

// ask sends a call to whoever leads. As long as it was certainly not carried out it is sent again.
func (h *Handler) ask(ctx context.Context, c call) (result, error) {
	data, err := json.Marshal(c)
	if err != nil {
		return result{}, err
	}
	for {
		if term, leader := h.config.Member.Leader(); leader != "" {
			r, err := h.send(ctx, term, leader, data)
			switch {
			case err == nil && !r.NotLeader:
				return r, nil
			case err != nil && !errors.Is(err, bus.ErrNobody):
				return r, fmt.Errorf("serve: the leader has not answered, and may have carried out the call: %w", err)
			}
		}
		select {
		case <-ctx.Done():
			return result{}, errNoLeader
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// send sends a call to the leader of a term, and waits for its answer as long as no other term is known.
func (h *Handler) send(ctx context.Context, term uint64, leader string, data []byte) (r result, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		for now := term; now == term; now, _ = h.config.Member.Leader() {
			select {
			case <-ctx.Done():
				return
			case <-time.After(250 * time.Millisecond):
			}
		}
		cancel()
	}()
	back, err := h.config.Bus.Request(ctx, h.subject(leader), data)
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(back, &r)
}
