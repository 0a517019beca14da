// Playground is the library in a browser: one folder of static files that needs no server of its own. Paste a task
// definition and what the AWS CLI prints of a cluster; the page validates, explains and simulates, or replays a load
// under scaling policies, and shows what the program whatif prints. A link holds the whole question.
//
//	go run ./examples/playground            builds the files and serves them on this machine
//	go run ./examples/playground -o DIR     writes them, for any server of static files
//
// A server is faster that sends bayplan.wasm.gz as application/wasm with Content-Encoding: gzip, as this one does: then
// the browser decompresses the library, and not the page.
//
// It needs the source of the module, and the go command, which builds it for js/wasm.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	out := flag.String("o", "", "a folder to write the files to, instead of serving them")
	addr := flag.String("addr", "127.0.0.1:8099", "address to listen on")
	var hosts []string
	flag.Func("allow-host", "a `name` by which clients may reach the server, besides those of this machine",
		func(name string) error {
			hosts = append(hosts, name)
			return nil
		})
	flag.Parse()
	if err := run(*out, *addr, hosts); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(out, addr string, hosts []string) error {
	begun := time.Now()
	files, size, err := build()
	if err != nil {
		return err
	}
	fmt.Printf("built in %.0f s: %d files; the library has %.1f MB, compressed %.1f MB\n", time.Since(begun).Seconds(),
		len(files), float64(size.plain)/1e6, float64(size.compressed)/1e6)
	if out != "" {
		return write(out, files)
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("serving http://%s/\n", l.Addr())
	s := http.Server{Handler: handler(files, hosts), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute}
	return s.Serve(l)
}

// folder is files by their names.
type folder map[string][]byte

// write writes the files to a folder.
func write(to string, files folder) error {
	if err := os.MkdirAll(to, 0o755); err != nil {
		return err
	}
	var errs []error
	for name, data := range files { //order:any each has a name of its own
		errs = append(errs, os.WriteFile(filepath.Join(to, name), data, 0o644))
	}
	return errors.Join(errs...)
}

// policy is the Content-Security-Policy of each answer: nothing comes from elsewhere, and no script or style is in
// the page itself.
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; " +
	"worker-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// handler serves the files to clients that know the server by a name of this machine, or by one of hosts. Another
// name is that of a foreign page which points at this machine.
func handler(files folder, hosts []string) http.Handler {
	tags := map[string]string{}
	for name, data := range files { //order:any each has a name of its own
		sum := sha256.Sum256(data)
		tags[name] = fmt.Sprintf("%q", hex.EncodeToString(sum[:8]))
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !own(r.Host, hosts) {
			http.Error(w, "this host is not a name of this server; -allow-host admits it", http.StatusForbidden)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "this server only gives files", http.StatusMethodNotAllowed)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-cache") // a browser that has the file asks by its ETag
		name := strings.TrimPrefix(r.URL.Path, "/")
		if name == "" {
			name = "index.html"
		}
		data, ok := files[name]
		if !ok {
			http.NotFound(w, r)
			return
		}
		h.Set("ETag", tags[name])
		if strings.HasSuffix(name, ".wasm.gz") {
			h.Set("Vary", "Accept-Encoding")
			if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
				h.Set("Content-Encoding", "gzip") // the browser decompresses it, and keeps what it compiles of it
				h.Set("Content-Type", "application/wasm")
			}
		}
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(data))
	})
}

// own reports whether a Host is a name of this machine, or one that is allowed.
func own(hostport string, hosts []string) bool {
	host := hostport
	if name, _, err := net.SplitHostPort(hostport); err == nil {
		host = name
	}
	for _, h := range append([]string{"localhost", "127.0.0.1", "::1", "[::1]"}, hosts...) {
		if strings.EqualFold(host, h) {
			return true
		}
	}
	return false
}
