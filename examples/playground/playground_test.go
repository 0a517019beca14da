package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestHandler: the server gives its files, to clients that know it by a name of this machine, with a policy that lets
// nothing else in.
//
// Seen to fail: a Host that is not looked at.
func TestHandler(t *testing.T) {
	h := handler(folder{"index.html": []byte("<!doctype html>"), "page.js": []byte("1")}, []string{"lab.example"})
	for _, c := range []struct {
		method, host, path string
		code               int
	}{
		{"GET", "127.0.0.1:8099", "/", 200}, {"GET", "localhost", "/page.js", 200}, {"HEAD", "[::1]:8099", "/", 200},
		{"GET", "lab.example:80", "/", 200}, {"GET", "evil.example", "/", 403},
		{"GET", "127.0.0.1.evil.example", "/", 403}, {"GET", "", "/", 403},
		{"POST", "localhost", "/", 405}, {"GET", "localhost", "/none", 404}, {"GET", "localhost", "/../build.go", 404},
	} {
		r := httptest.NewRequest(c.method, "http://localhost/", nil)
		r.Host, r.URL.Path = c.host, c.path
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		require.Equal(t, c.code, w.Code, c)
		if c.code == http.StatusOK {
			require.Equal(t, policy, w.Header().Get("Content-Security-Policy"))
		}
	}
}

// TestCompressed: a browser gets a program with its compression named, and so decompresses it; who cannot, gets the
// file as it is. A file that the browser has is not sent again.
//
// Seen to fail: no ETag; a compression that is named to all.
func TestCompressed(t *testing.T) {
	h := handler(folder{"a.wasm.gz": []byte("packed"), "page.js": []byte("1")}, nil)
	get := func(path, name, value string) *httptest.ResponseRecorder {
		r := httptest.NewRequest("GET", "http://localhost/"+path, nil)
		r.Header.Set(name, value)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	packed := get("a.wasm.gz", "Accept-Encoding", "gzip, br")
	require.Equal(t, "gzip", packed.Header().Get("Content-Encoding"))
	require.Equal(t, "application/wasm", packed.Header().Get("Content-Type"))
	require.Equal(t, "packed", packed.Body.String())
	require.Empty(t, get("a.wasm.gz", "Accept-Encoding", "identity").Header().Get("Content-Encoding"))
	script := get("page.js", "Accept-Encoding", "gzip")
	require.Empty(t, script.Header().Get("Content-Encoding"))
	require.Equal(t, http.StatusNotModified, get("page.js", "If-None-Match", script.Header().Get("ETag")).Code)
	require.Equal(t, http.StatusOK, get("page.js", "If-None-Match", packed.Header().Get("ETag")).Code)
}

// TestPage: the page says the same policy itself, for servers of static files; and it has nothing that the policy
// forbids: no script or style in it, and no other host.
func TestPage(t *testing.T) {
	data, err := page.ReadFile("page/index.html")
	require.NoError(t, err)
	html := string(data)
	require.Contains(t, html, strings.TrimSuffix(policy, "; frame-ancestors 'none'"))
	for _, part := range []string{"<style", " style=", "onclick", "http:", "https:", "<script>"} {
		require.NotContains(t, html, part)
	}
}

// TestSample: the page begins with the files of whatif, and a folder is written whole.
func TestSample(t *testing.T) {
	data, err := sample("../..", sizes{compressed: 7})
	require.NoError(t, err)
	require.Contains(t, string(data), `"size":7`)
	require.Contains(t, string(data), "steps with a simple alarm")
	to := filepath.Join(t.TempDir(), "site")
	require.NoError(t, write(to, folder{"a": []byte("b")}))
	written, err := os.ReadFile(filepath.Join(to, "a"))
	require.NoError(t, err)
	require.Equal(t, "b", string(written))
}
