package console_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/bayplan/bayplan/examples/browser"
)

// stop is where Tab stopped: the number of the element among those that can be used, -1 outside of the page; whether
// it is seen that it has the focus; and its text.
type stop struct {
	At   int
	Seen bool
	Text string
}

const stopped = `(() => {
	const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")]
		.filter((e) => !e.disabled && e.checkVisibility({ visibilityProperty: true }));
	const e = document.activeElement, style = getComputedStyle(e);
	window.usable = all.length;
	return { At: all.indexOf(e), Seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0,
		Text: e.outerHTML.slice(0, 90) };
})()`

// Tab stops at everything that can be used, in the order of the page, and each stop is seen. The map has keys of its
// own, and says aloud what they choose.
//
// Seen to fail: no outline around links; an element of the query page that Tab reaches before the others;
// a map without keys.
func TestKeyboard(t *testing.T) {
	s := shop(t)
	s.advance("2m")
	p := browser.Open(t, s.url)
	says(t, p, "steady state")
	for _, page := range []struct{ hash, until string }{{"#/service/shop", "History"}, {"#/whatif", "Ask"},
		{"#/query", "6 container instances"}, {"#/", "Services"}} {
		hash := page.hash
		browser.Eval[any](p, fmt.Sprintf("location.hash = %q", hash))
		p.Until(`document.querySelector("main h1") && !document.querySelector("main").innerText.includes("Loading …")`)
		says(t, p, page.until) // what comes later would be one more stop
		press := func(key string) stop {
			p.Run(chromedp.KeyEvent(key))
			return browser.Eval[stop](p, stopped)
		}
		at := press(kb.Tab)
		usable := browser.Eval[int](p, "window.usable")
		for n, reached := 0, map[int]bool{}; len(reached) < usable; n++ {
			if n > usable+2 {
				t.Fatalf("%s: of %d elements %d are reached", hash, usable, len(reached))
			}
			if at.At >= 0 && !at.Seen {
				t.Errorf("%s: the focus is not seen on %s", hash, at.Text)
			}
			reached[at.At] = at.At >= 0
			if at.At < 0 {
				delete(reached, at.At)
			}
			next := press(kb.Tab)
			if ends := at.At == usable-1 || at.At < 0; !ends && next.At != at.At+1 {
				t.Fatalf("%s: after element %d comes %d: %s", hash, at.At, next.At, next.Text)
			}
			at = next
		}
	}
	for n := 0; !strings.HasPrefix(browser.Eval[stop](p, stopped).Text, "<canvas"); n++ {
		if n > 60 {
			t.Fatal("Tab does not reach the map")
		}
		p.Run(chromedp.KeyEvent(kb.Tab))
	}
	p.Run(chromedp.KeyEvent(kb.ArrowRight))
	p.Until(`document.getElementById("said").textContent.includes("CPU")`)
	p.Run(chromedp.KeyEvent(kb.Enter))
	p.Until(`location.hash.startsWith("#/instance/")`)
}

// What becomes of a deployment is said aloud.
//
// Seen to fail: the page's news not said.
func TestSaid(t *testing.T) {
	s := shop(t)
	s.advance("2m")
	p := browser.Open(t, s.url)
	says(t, p, "steady state")
	s.register("app:2")
	s.call("UpdateService", object{"service": "shop", "taskDefinition": "web:2"})
	p.Until(`document.getElementById("said").textContent === "shop: deployment in progress"`)
	s.advance("10m")
	p.Until(`document.getElementById("said").textContent === "shop: deployment completed"`)
}
