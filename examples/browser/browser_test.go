package browser_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/bayplan/bayplan/examples/browser"
)

// TestFaultsAreHeard: what makes a test of a page fail is heard: an exception, an error on the console, a
// request to another host, and a page that is wider than its window.
func TestFaultsAreHeard(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<!doctype html><html lang="en"><title>t</title><link rel="icon" href="data:,"><h1>t</h1>
			<script>
			console.error("said so");
			fetch("http://127.0.0.1:9/elsewhere").catch(() => { window.done = true });
			setTimeout(() => { throw new Error("thrown") });
			</script></html>`))
	}))
	defer s.Close()
	p := browser.Open(t, s.URL)
	p.Until("window.done")
	wrong := strings.Join(p.Wrong(), "\n")
	for _, part := range []string{"said so", "http://127.0.0.1:9/elsewhere", "thrown"} {
		if !strings.Contains(wrong, part) {
			t.Errorf("%q is not among what was heard:\n%s", part, wrong)
		}
	}
	p.Accessible()
	p.See(browser.Looks()[0])
	p.Wrong()
}
