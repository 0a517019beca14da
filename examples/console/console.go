package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
)

// Header is the header that a call must have, with any value, to set the time or to ask a what-if question. An HTML
// form cannot send it, and browsers do not let scripts of other origins send it.
const Header = "X-Console"

// World is a Region whose plane the console shows.
type World interface {
	// Read calls f with the plane, which nobody changes meanwhile, and the world's time. f keeps nothing of it. A
	// plane that is another one than last time means that the world began again.
	Read(f func(p *control.Plane, now time.Time) error) error
	// Watch has f called with each change from now on. f is quick; it may be called while Read lends the plane.
	Watch(f func(message.Change))
	// Changes yields the newest changes that the world keeps, in order. It is called within Read.
	Changes() iter.Seq[message.Change]
}

// Clock is the time of simulated worlds.
type Clock interface {
	Pace() Pace
	SetPace(p Pace) error
	Step(by time.Duration) error // lets that much time pass at once
}

// Pace is how fast simulated time runs.
type Pace struct {
	Speed  float64 `json:"speed"` // simulated seconds in each real one
	Paused bool    `json:"paused"`
}

// Config says what a console shows.
type Config struct {
	// World returns the world of a Region, "" for the first one. An error is shown to the caller.
	World func(region string) (World, error)
	// Regions returns the names of the Regions that have a world, the first one first; nil: there is one, without a
	// name.
	Regions func() []string
	Clock   Clock // nil: time is not simulated, or may not be set
	// Signed says that the API takes signed calls only.
	Signed bool
	// API is the path of AWS's API on this server; empty: "/".
	API string
	// Timeline is the path of a page of what happened; empty: there is none.
	Timeline string
	// Refuse returns why a call is refused, besides a foreign Origin: a server that is not mounted behind checks of
	// its own checks Host here. nil refuses nothing.
	Refuse func(r *http.Request) error
}

// Console serves the page and what it asks for. It is safe for concurrent use.
type Console struct {
	config  Config
	mux     *http.ServeMux
	asking  chan struct{} // holds one question at a time
	mu      sync.Mutex    // of hubs
	hubs    map[string]*hub
	ticking func() (ticks <-chan time.Time, stop func()) // of frames
}

// New returns a console.
func New(config Config) (*Console, error) {
	if config.World == nil {
		return nil, errors.New("console: Config.World is nil")
	}
	if config.API == "" {
		config.API = "/"
	}
	c := &Console{config: config, mux: http.NewServeMux(), asking: make(chan struct{}, 1), hubs: map[string]*hub{},
		ticking: func() (<-chan time.Time, func()) {
			t := time.NewTicker(time.Second / mostFrames)
			return t.C, t.Stop
		}}
	c.routes()
	return c, nil
}

// routes is what is served. A row is GET PATH for what is shown, and POST PATH for what needs the header.
func (c *Console) routes() {
	c.mux.HandleFunc("GET /{$}", c.page)
	c.mux.HandleFunc("GET /_console/page/{file}", c.file)
	c.mux.HandleFunc("GET /_console/live", c.live)
	for path, show := range map[string]func(*visit) (any, error){
		"about":      (*visit).about,
		"service":    (*visit).service,
		"task":       (*visit).task,
		"instance":   (*visit).instance,
		"definition": (*visit).definition,
		"query":      (*visit).query,
	} {
		c.mux.HandleFunc("GET /_console/"+path, c.shown(show))
	}
	for path, do := range map[string]func(*visit) (any, error){
		"whatif": (*visit).whatIf,
		"pace":   (*visit).pace,
		"step":   (*visit).step,
	} {
		c.mux.HandleFunc("POST /_console/"+path, c.shown(do))
	}
}

// Serves reports whether a call is for the console: anything under /_console/, and GET of "/" as a browser sends it.
// A GET with a body or with the header X-Amz-Target is a call of AWS's API by the wrong method.
func (c *Console) Serves(r *http.Request) bool {
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	call := r.Header.Get("Content-Type") != "" || r.Header.Get("X-Amz-Target") != ""
	return reads && !call && r.URL.Path == "/" || strings.HasPrefix(r.URL.Path, "/_console/")
}

// ServeHTTP answers one call.
func (c *Console) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	secure(w.Header())
	if err := c.refuse(r); err != nil {
		fail(w, http.StatusForbidden, ecs.AccessDeniedException, "Refused: "+err.Error()+".")
		return
	}
	c.mux.ServeHTTP(w, r)
}

// secure sets the headers of every answer.
func secure(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "+
		"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// refuse returns why a call may come from a page that was made elsewhere, or nil.
func (c *Console) refuse(r *http.Request) error {
	if c.config.Refuse != nil {
		if err := c.config.Refuse(r); err != nil {
			return err
		}
	}
	if origin := r.Header.Get("Origin"); origin != "" {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || !strings.EqualFold(u.Host, r.Host) {
			return fmt.Errorf("a page of origin %q may not call this console", origin)
		}
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		if r.URL.Path != "/" || r.Header.Get("Sec-Fetch-Mode") != "navigate" { // a link to the page is no call
			return fmt.Errorf("a page of another site may not call this console (Sec-Fetch-Site: %s)", site)
		}
	}
	if r.Method == http.MethodPost && r.Header.Get(Header) == "" {
		return fmt.Errorf("POST %s needs the header %s, with any value: a form cannot send it", r.URL.Path, Header)
	}
	return nil
}

// visit is one call of the page, with the world that it is about.
type visit struct {
	*Console
	hub  *hub
	r    *http.Request
	body []byte
}

const maxBody = 1 << 20

// visited returns the visit of a call.
func (c *Console) visited(w http.ResponseWriter, r *http.Request) (*visit, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, ecs.Fault(ecs.SerializationException, "", err.Error())
	}
	h, err := c.hub(r.URL.Query().Get("region"))
	return &visit{Console: c, hub: h, r: r, body: body}, err
}

// shown answers with what a method of visit returns, as JSON.
func (c *Console) shown(show func(*visit) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		v, err := c.visited(w, r)
		var out any
		if err == nil {
			out, err = show(v)
		}
		if err != nil {
			failed(w, http.StatusBadRequest, err)
			return
		}
		reply(w, http.StatusOK, out)
	}
}

// reply writes a value as JSON.
func reply(w http.ResponseWriter, status int, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		status, data = http.StatusInternalServerError, []byte(`{"code":"ServerException"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(data) // the caller may be gone
}

// fail writes a code and a message.
func fail(w http.ResponseWriter, status int, code ecs.Code, text string) {
	reply(w, status, map[string]string{"code": string(code), "message": text})
}

// read reads the body of the call, which is JSON.
func (v *visit) read(to any) error {
	if err := json.Unmarshal(v.body, to); err != nil {
		return ecs.Fault(ecs.SerializationException, "", err.Error())
	}
	return nil
}

// failed writes the first fault of an error.
func failed(w http.ResponseWriter, status int, err error) {
	code, text := ecs.ServerException, err.Error()
	for e := range ecs.Errors(err) {
		code, text = e.Code, e.Message
		break
	}
	fail(w, status, code, text)
}

// asked is a parameter of the call.
func (v *visit) asked(name string) string { return v.r.URL.Query().Get(name) }

// about says what the page needs to know once.
func (v *visit) about() (any, error) {
	out := struct {
		API     string   `json:"api"`
		Header  string   `json:"header"`
		Signed  bool     `json:"signed"`
		Regions []string `json:"regions"`
		Region  string   `json:"region"` // of the world, for signatures
		Named   bool     `json:"named"`  // the Region must be said in each call
		Time    string   `json:"timeline,omitzero"`
		Pace    *Pace    `json:"pace"` // null: time cannot be set
	}{API: v.config.API, Header: Header, Signed: v.config.Signed, Regions: []string{}, Time: v.config.Timeline}
	if v.config.Regions != nil {
		out.Regions = append(out.Regions, v.config.Regions()...)
		out.Named = v.asked("region") != "" && v.asked("region") != out.Regions[0]
	}
	if v.config.Clock != nil {
		p := v.config.Clock.Pace()
		out.Pace = &p
	}
	err := v.hub.world.Read(func(p *control.Plane, _ time.Time) error {
		out.Region = p.Config().Region
		return nil
	})
	return out, err
}
