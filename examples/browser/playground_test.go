package browser_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/bayplan/bayplan/examples/browser"
)

const root = "../.."

// program builds a program of the module, and returns its path.
func program(t *testing.T, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), filepath.Base(name))
	build := exec.Command("go", "-C", root, "build", "-trimpath", "-o", path, "./examples/"+name)
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return path
}

// serve starts a program that says where it serves, and returns the address.
func serve(t *testing.T, path string, arguments ...string) string {
	t.Helper()
	c := exec.Command(path, arguments...)
	c.Dir = root
	var failed bytes.Buffer
	c.Stderr = &failed
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = c.Process.Kill(), c.Wait() })
	for lines := bufio.NewScanner(out); lines.Scan(); {
		t.Log(lines.Text())
		if _, address, ok := strings.Cut(lines.Text(), "serving "); ok {
			return address
		}
	}
	t.Fatalf("it does not serve: %s", failed.String())
	return ""
}

// asked is a question to both, the page and the program whatif.
type asked map[string]string

// flags are those of whatif for each document.
var flags = map[string]string{"definition": "-task-definition", "running": "-running", "service": "-service",
	"instances": "-container-instances", "tasks": "-tasks", "count": "-count", "seed": "-seed", "policies": "-replay",
	"load": "-load"}

// printed is what whatif prints for a question.
func (a asked) printed(t *testing.T, whatif string, arguments ...string) (text, failure string) {
	t.Helper()
	for document, content := range a {
		if flags[document] == "" {
			continue
		}
		if document != "count" && document != "seed" {
			name := filepath.Join(t.TempDir(), document)
			if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
			content = name
		}
		arguments = append(arguments, flags[document], content)
	}
	var out, failed bytes.Buffer
	c := exec.Command(whatif, arguments...)
	c.Stdout, c.Stderr = &out, &failed
	var exit *exec.ExitError
	if err := c.Run(); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return out.String(), strings.TrimSuffix(failed.String(), "\n")
}

// shown is what the page shows.
type shown struct{ Text, Error string }

// ask pastes a question into the page, and returns what it shows.
func ask(t *testing.T, p *browser.Page, a asked) shown {
	t.Helper()
	kind := "deploy"
	if a["policies"]+a["load"] != "" {
		kind = "replay"
	}
	question, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	before := browser.Eval[string](p, "document.documentElement.dataset.answers")
	browser.Eval[int](p, fmt.Sprintf(`(() => {
		const q = %s, $ = (id) => document.getElementById(id);
		document.querySelector("input[name=kind][value=%s]").checked = true;
		$("deploy").hidden = %[2]q != "deploy";
		$("replay").hidden = %[2]q != "replay";
		for (const x of document.querySelectorAll("textarea")) x.value = q[x.id] || "";
		$("count").value = q.count || 6;
		$("seed").value = q.seed || 1;
		$("ask").click();
		return 0;
	})()`, question, kind))
	p.Until(fmt.Sprintf("document.documentElement.dataset.answers != %q", before))
	return browser.Eval[shown](p, `({Text: document.getElementById("text").textContent,
		Error: document.getElementById("error").textContent})`)
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, "examples", "whatif", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestPlayground: the page shows byte for byte what whatif prints, for ten questions and for twenty malformed ones,
// each of which gets a message; its first answer comes soon; a link holds the question; and the page is usable
// at each width, in the light and in the dark.
func TestPlayground(t *testing.T) {
	whatif := program(t, "whatif")
	address := serve(t, program(t, "playground"), "-addr", "127.0.0.1:0")
	p := browser.Open(t, address)
	p.Until("document.documentElement.dataset.answers")
	for _, cache := range []string{"empty", "full"} {
		first := browser.Eval[string](p, "document.documentElement.dataset.first")
		t.Logf("first verdict %s ms after the navigation to the page began, with a cache that was %s", first, cache)
		said := browser.Eval[string](p, `document.getElementById("times").textContent`)
		from := map[string]string{"empty": "from the server.", "full": "from the browser's cache."}[cache]
		if !strings.HasSuffix(said, from) {
			t.Errorf("with a cache that was %s the page says: %s", cache, said)
		}
		p.Run(chromedp.Navigate("about:blank"), chromedp.Navigate(address))
		p.Until("document.documentElement.dataset.answers")
	}

	t.Run("same as whatif", func(t *testing.T) {
		for name, a := range good(t) {
			text, failure := a.printed(t, whatif)
			if got := ask(t, p, a); got.Text != text || got.Error != failure {
				differ(t, name, got, text, failure)
			}
			if text == "" || failure != "" {
				t.Errorf("%s has no answer: %s", name, failure)
			}
		}
	})
	t.Run("malformed", func(t *testing.T) {
		list := malformed(t)
		if len(list) < 20 {
			t.Errorf("%d are too few", len(list))
		}
		for name, a := range list {
			text, failure := a.printed(t, whatif)
			if got := ask(t, p, a); got.Text != text || got.Error != failure || failure == "" {
				differ(t, name, got, text, failure)
			}
		}
		got := ask(t, p, asked{"definition": " "})
		if !strings.Contains(got.Error, "there is no task definition") {
			t.Error(got.Error)
		}
	})
	t.Run("markup stays text", func(t *testing.T) {
		const evil = `<img src=x onerror=console.error(1)><script>console.error(2)</script>`
		for _, d := range []string{
			`{"family": "` + evil + `", "containerDefinitions": [{"name": "` + evil + `", "image": "a", "memory": 9}]}`,
			strings.ReplaceAll(read(t, "testdata/task-definition.json"), `"image"`, `"`+evil+`": 1, "image"`),
		} {
			service := strings.ReplaceAll(read(t, "testdata/service.json"), `"web"`, `"`+evil+`"`)
			ask(t, p, asked{"definition": d, "service": service})
			if n := browser.Eval[int](p, `document.querySelectorAll("#answer img, #answer script").length`); n > 0 {
				t.Errorf("%d elements of the document are on the page", n)
			}
			report := browser.Eval[string](p, `document.getElementById("report").textContent`)
			if !strings.Contains(report, "<img src=x") {
				t.Error("the name is not shown")
			}
		}
	})
	t.Run("link", func(t *testing.T) {
		a := asked{"definition": read(t, "testdata/task-definition.json"), "count": "3"}
		want := ask(t, p, a)
		browser.Eval[int](p, `(document.getElementById("share").click(), 0)`)
		p.Until(`location.hash.length > 1`)
		link := browser.Eval[string](p, "location.href")
		p.Run(chromedp.Navigate("about:blank"), chromedp.Navigate(link))
		p.Until("document.documentElement.dataset.answers")
		if got := browser.Eval[string](p, `document.getElementById("text").textContent`); got != want.Text {
			t.Errorf("the link gives\n%s\nand not\n%s", got, want.Text)
		}
		for _, broken := range []string{"x", "!!", strings.Repeat("A", 100)} {
			browser.Eval[int](p, fmt.Sprintf(`(document.getElementById("said").textContent = "", location.hash = %q, 0)`, broken))
			p.Until(`document.getElementById("said").textContent.startsWith("This link cannot be read")`)
		}
	})
	t.Run("looks", func(t *testing.T) {
		p.Run(chromedp.Navigate("about:blank"), chromedp.Navigate(address))
		p.Until("document.documentElement.dataset.answers")
		for _, l := range browser.Looks() {
			p.See(l)
			p.Accessible()
			p.Picture("playground", l)
		}
		ask(t, p, asked{"policies": read(t, "replay/testdata/policy.json") + read(t, "replay/testdata/steps.json"),
			"load": read(t, "replay/testdata/load.csv")})
		for _, l := range browser.Looks() {
			p.See(l)
			p.Accessible()
			p.Picture("playground-replay", l)
		}
	})
}

// TestStaticFiles: the page needs no server of its own: one that names no compression will do. Where a file is missing,
// the page says so at once.
//
// Seen to fail: an error of the worker that comes before the question.
func TestStaticFiles(t *testing.T) {
	folder := t.TempDir()
	if said, err := exec.Command(program(t, "playground"), "-o", folder).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	s := httptest.NewServer(http.FileServer(http.Dir(folder)))
	defer s.Close()
	p := browser.Open(t, s.URL)
	p.Until(`document.getElementById("text").textContent.includes("set minimumHealthyPercent to 66")`)
	for _, lack := range []struct{ file, says string }{
		{"bayplan.wasm.gz", "the library cannot be loaded: bayplan.wasm.gz: 404 Not Found"},
		{"worker.js", "the worker cannot be started"},
	} {
		if err := os.Remove(filepath.Join(folder, lack.file)); err != nil {
			t.Fatal(err)
		}
		p.Run(chromedp.Navigate("about:blank"), chromedp.Navigate(s.URL))
		p.Until("document.documentElement.dataset.answers")
		if says := browser.Eval[string](p, `document.getElementById("error").textContent`); says != lack.says {
			t.Errorf("without %s the page says %q", lack.file, says)
		}
	}
	p.Wrong() // what is missing is said on the console, too
}

func differ(t *testing.T, name string, got shown, text, failure string) {
	t.Helper()
	t.Errorf("%s: the page shows\n%s\n%s\nand whatif prints\n%s\n%s", name, got.Text, got.Error, text, failure)
}

// TestReportPage: the pages that whatif -html writes, at each width.
//
// Seen to fail: a text with its lines in one element.
func TestReportPage(t *testing.T) {
	folder := t.TempDir()
	whatif := program(t, "whatif")
	for name, a := range good(t) {
		if name != "its own files" && name != "a dynamic port" {
			continue
		}
		name = strings.ReplaceAll(name, " ", "-")
		a.printed(t, whatif, "-html", filepath.Join(folder, name+".html"))
	}
	s := httptest.NewServer(http.FileServer(http.Dir(folder)))
	defer s.Close()
	for _, name := range []string{"its-own-files", "a-dynamic-port"} {
		p := browser.Open(t, s.URL+"/"+name+".html")
		for _, l := range browser.Looks() {
			p.See(l)
			p.Accessible()
			if p.Wrapped() == 0 && l.Width == 400 {
				t.Error("no line is wrapped")
			}
			p.Picture("report-"+name, l)
		}
		for _, w := range p.Wrong() {
			if !strings.Contains(w, "favicon.ico") { // Chromium asks for it; the page does not
				t.Error(w)
			}
		}
	}
}

// good are questions that have an answer.
func good(t *testing.T) map[string]asked {
	sample := asked{"definition": read(t, "testdata/task-definition.json"), "running": read(t, "testdata/running.json"),
		"instances": read(t, "testdata/container-instances.json"), "tasks": read(t, "testdata/tasks.json"),
		"service": read(t, "testdata/service.json")}
	with := func(change func(a asked)) asked {
		a := asked{}
		for k, v := range sample {
			a[k] = v
		}
		change(a)
		return a
	}
	only := func(definition string) asked { return asked{"definition": definition} }
	const container = `"containerDefinitions": [{"name": "a", "image": "a", "memory": 128,
		"portMappings": [{"containerPort": 80}]}]`
	policy, steps, load := read(t, "replay/testdata/policy.json"), read(t, "replay/testdata/steps.json"),
		read(t, "replay/testdata/load.csv")
	return map[string]asked{
		"its own files": sample,
		"a dynamic port": with(func(a asked) {
			a["definition"] = strings.Replace(a["definition"], `, "hostPort": 8080`, "", 1)
		}),
		"without running": with(func(a asked) { delete(a, "running") }),
		"another seed":    with(func(a asked) { a["seed"] = "7" }),
		"at 66 percent": with(func(a asked) {
			a["service"] = strings.Replace(a["service"], `HealthyPercent": 100`, `HealthyPercent": 66`, 1)
		}),
		"bridge":       only(`{"family": "a", ` + container + `}`),
		"eleven tasks": {"definition": `{"family": "a", ` + container + `}`, "count": "11"},
		"Fargate": only(`{"family": "a", "networkMode": "awsvpc", "requiresCompatibilities": ["FARGATE"], "cpu": "256",
			"memory": "512", "containerDefinitions": [{"name": "a", "image": "a"}]}`),
		"letters of other scripts": only(`{"family": "a", "containerDefinitions": [{"name": "a", "image": "a", "memory": 64,
			"environment": [{"name": "Grüße", "value": "你好 <b>&amp;"}]}]}`),
		"a replay":             {"policies": policy, "load": load},
		"two policies":         {"policies": policy + steps, "load": load},
		"a replay of six rows": {"policies": policy, "load": strings.Join(strings.SplitAfter(load, "\n")[:7], "")},
	}
}

// malformed are questions of which whatif says what is wrong with them.
func malformed(t *testing.T) map[string]asked {
	fine := read(t, "testdata/task-definition.json")
	policy, load := read(t, "replay/testdata/policy.json"), read(t, "replay/testdata/load.csv")
	return map[string]asked{
		"no JSON":             {"definition": `{`},
		"a list":              {"definition": `[]`},
		"a number":            {"definition": `12`},
		"plain text":          {"definition": `FROM nginx`},
		"YAML":                {"definition": "family: web\ncontainerDefinitions: []\n"},
		"nothing in it":       {"definition": `{}`},
		"no image":            {"definition": `{"family": "a", "containerDefinitions": [{"name": "a", "memory": 9}]}`},
		"an unknown member":   {"definition": `{"family": "a", "cpus": 1, "containerDefinitions": []}`},
		"a wrong type":        {"definition": `{"family": 7, "containerDefinitions": "a"}`},
		"cut off":             {"definition": fine[:len(fine)/2]},
		"a control character": {"definition": "{\"family\": \"a\x01\"}"},
		"deeply nested":       {"definition": strings.Repeat("[", 20000)},
		"too large for anything": {"definition": `{"family": "a", "containerDefinitions": [
			{"name": "a", "image": "a", "memory": 9000000}]}`},
		"instances of numbers":   {"definition": fine, "instances": `{"containerInstances": 1}`},
		"tasks cut off":          {"definition": fine, "instances": `{}`, "tasks": `[`},
		"tasks without a fleet":  {"definition": fine, "tasks": read(t, "testdata/tasks.json")},
		"no service described":   {"definition": fine, "service": `{"services": []}`},
		"a service as text":      {"definition": fine, "service": `web`},
		"running without fields": {"definition": fine, "running": `{}`},
		"policies cut off":       {"policies": policy[:40], "load": load},
		"a misspelt policy":      {"policies": `{"MaxCapcity": 3}`, "load": load},
		"policies without load":  {"policies": policy},
		"a load of words":        {"policies": policy, "load": "time,load\nnow,many\n"},
		"a load with a gap": {"policies": policy,
			"load": "2026-01-01T00:00:00Z,1\n2026-01-01T00:01:00Z,2\n2026-01-01T00:02:30Z,3\n"},
	}
}
