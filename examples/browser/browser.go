// Package browser drives Chromium for the tests of the pages that this project serves. It is a module of
// its own, so that the library never requires a browser.
//
//	apt-get install -y chromium               or any other Chromium; without one, the tests are skipped
//	npm install axe-core                      anywhere, for the checks of accessibility
//	go -C examples/browser test ./... -axe node_modules/axe-core/axe.min.js -shots DIR
//
// A page that is open fails its test for an error on its console, and for a request to another host.
package browser

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

var (
	axeFile = flag.String("axe", "", "the file axe.min.js of axe-core; without it, accessibility is not checked")
	shots   = flag.String("shots", "", "a folder for pictures of the pages")
)

// patience is how long one step on a page may take.
const patience = 60 * time.Second

// Page is a page that is open in Chromium.
type Page struct {
	t    testing.TB
	ctx  context.Context
	host string

	mu    sync.Mutex // of what the browser reports
	wrong []string
}

// Open opens a page of a server on this machine, in a browser that ends with the test. It skips the test where
// there is no Chromium.
func Open(t testing.TB, address string) *Page {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	p := &Page{t: t, host: u.Host}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(t)), chromedp.NoSandbox,
		chromedp.WSURLReadTimeout(patience))
	all, end := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, closed := chromedp.NewContext(all)
	p.ctx = ctx
	t.Cleanup(func() {
		closed()
		end()
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, w := range p.wrong {
			t.Error(w)
		}
	})
	chromedp.ListenTarget(ctx, p.hear)
	p.Run(log.Enable(), network.Enable(), chromedp.Navigate(address))
	return p
}

// chromium returns the path of a Chromium, or skips the test.
func chromium(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "headless-shell"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("there is no Chromium on this machine: apt-get install -y chromium")
	return ""
}

// hear takes what the browser reports.
func (p *Page) hear(event any) {
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		p.fault("exception on the page: %s", e.ExceptionDetails.Error())
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.APITypeError || e.Type == runtime.APITypeAssert {
			var said []string
			for _, a := range e.Args {
				said = append(said, string(a.Value)+a.Description)
			}
			p.fault("error on the console: %s", strings.Join(said, " "))
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.LevelError {
			p.fault("error in the log: %s %s", e.Entry.Text, e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		u, err := url.Parse(e.Request.URL)
		if local := err == nil && (u.Host == p.host || u.Scheme == "data" || u.Scheme == "blob" ||
			u.Scheme == "about"); !local {
			p.fault("request to another host: %.200s", e.Request.URL)
		}
	}
}

func (p *Page) fault(format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.wrong) < 20 {
		p.wrong = append(p.wrong, fmt.Sprintf(format, args...))
	}
}

// Wrong returns what has gone wrong so far, and forgets it: for tests that expect it.
func (p *Page) Wrong() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	wrong := p.wrong
	p.wrong = nil
	return wrong
}

// Run carries out actions, within a minute.
func (p *Page) Run(actions ...chromedp.Action) {
	p.t.Helper()
	// The first Run starts the browser, which ends with the context that it was given.
	if err := chromedp.Run(p.ctx); err != nil {
		p.t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	if err := chromedp.Run(ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// Eval returns the value of an expression on the page; a promise is awaited.
func Eval[T any](p *Page, expression string) (value T) {
	p.t.Helper()
	p.Run(chromedp.Evaluate(expression, &value, func(e *runtime.EvaluateParams) *runtime.EvaluateParams {
		return e.WithAwaitPromise(true)
	}))
	return value
}

// Until waits until an expression on the page is true. A page that goes away meanwhile is waited for in its next life.
func (p *Page) Until(expression string) {
	p.t.Helper()
	wait := chromedp.Poll(expression, nil, chromedp.WithPollingTimeout(patience),
		chromedp.WithPollingInterval(50*time.Millisecond))
	ctx, stop := context.WithTimeout(p.ctx, patience)
	defer stop()
	for {
		err := chromedp.Run(ctx, wait)
		if err == nil {
			return
		}
		gone := strings.Contains(err.Error(), "Cannot find context") ||
			strings.Contains(err.Error(), "context was destroyed")
		if !gone || ctx.Err() != nil {
			p.t.Fatalf("%s: %v", expression, err)
		}
	}
}

// Look is how a page is looked at.
type Look struct {
	Width, Height int
	Dark          bool
}

// Looks are the three widths that a page is made for, each in the light and in the dark.
func Looks() (list []Look) {
	for _, width := range []int{1400, 800, 400} {
		list = append(list, Look{width, 900, false}, Look{width, 900, true})
	}
	return list
}

// See sets how the page is looked at.
func (p *Page) See(l Look) {
	p.t.Helper()
	scheme := "light"
	if l.Dark {
		scheme = "dark"
	}
	p.Run(chromedp.EmulateViewport(int64(l.Width), int64(l.Height)),
		emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{
			{Name: "prefers-color-scheme", Value: scheme}}))
	if wide := Eval[int](p, "document.documentElement.scrollWidth"); wide > l.Width {
		p.t.Errorf("the page is %d pixels wide in a window of %d", wide, l.Width)
	}
}

// Sideways fails the test for what has to be scrolled sideways, besides what a selector names.
func (p *Page) Sideways(except string) {
	p.t.Helper()
	for _, e := range Eval[[]string](p, fmt.Sprintf(`[...document.querySelectorAll("main *")].filter((e) =>
		e.scrollWidth > e.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(e).overflowX) && !e.matches(%q)).
		map((e) => e.outerHTML.slice(0, 90))`, except)) {
		p.t.Errorf("in a window of %d pixels this is scrolled sideways: %s", Eval[int](p, "innerWidth"), e)
	}
}

// Wrapped returns how many lines of texts, elements "pre .line", are wrapped, and fails the test for those that do not
// go on to the right of where they began.
func (p *Page) Wrapped() int {
	p.t.Helper()
	by := Eval[[]float64](p, `[...document.querySelectorAll("pre .line")].filter((e) =>
		e.checkVisibility()).flatMap((e) => {
		const text = document.createRange(), data = e.firstChild.data;
		text.setStart(e.firstChild, data.search(/\S|$/));
		text.setEnd(e.firstChild, data.trimEnd().length || data.length);
		const parts = [...text.getClientRects()];
		return parts.slice(1).map((part) => part.left - parts[0].left);
	})`)
	for _, right := range by {
		if right < 5 {
			p.t.Errorf("a wrapped line goes on %.1f pixels to the right of where it began", right)
		}
	}
	return len(by)
}

// Picture writes the page as it looks, all of it, to the folder of -shots.
func (p *Page) Picture(name string, l Look) {
	p.t.Helper()
	if *shots == "" {
		return
	}
	var png []byte
	p.Run(chromedp.FullScreenshot(&png, 100))
	if err := os.MkdirAll(*shots, 0o755); err != nil {
		p.t.Fatal(err)
	}
	scheme := map[bool]string{false: "light", true: "dark"}[l.Dark]
	file := filepath.Join(*shots, fmt.Sprintf("%s-%d-%s.png", name, l.Width, scheme))
	if err := os.WriteFile(file, png, 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// violation is what axe-core finds.
type violation struct {
	ID, Impact, Help string
	Nodes            []struct{ HTML string }
}

// Accessible fails the test for what axe-core finds serious or critical on the page as it is now. Without the
// flag -axe it checks nothing, and says so.
func (p *Page) Accessible() {
	p.t.Helper()
	if *axeFile == "" {
		p.t.Log("accessibility is not checked: -axe names no file")
		return
	}
	source, err := os.ReadFile(*axeFile)
	if err != nil {
		p.t.Fatal(err)
	}
	p.Run(chromedp.Evaluate(string(source)+";0", nil))
	var found []violation
	text := Eval[string](p, `axe.run(document, {resultTypes: ["violations"]}).then(r => JSON.stringify(r.violations.map(
		v =>
		({ID: v.id, Impact: v.impact, Help: v.help, Nodes: v.nodes.map(n => ({HTML: n.html}))}))))`)
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		p.t.Fatal(err)
	}
	for _, v := range found {
		if v.Impact == "serious" || v.Impact == "critical" {
			p.t.Errorf("%s, %s: %s: %.300s", v.ID, v.Impact, v.Help, v.Nodes[0].HTML)
		}
	}
}
