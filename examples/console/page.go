package console

import (
	"embed"
	"net/http"
	"path"
)

//go:embed page
var files embed.FS

// kinds are the kinds of files that a page has.
func kinds() map[string]string {
	return map[string]string{".html": "text/html; charset=utf-8", ".css": "text/css; charset=utf-8",
		".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
}

// page serves the one page.
func (c *Console) page(w http.ResponseWriter, _ *http.Request) { serve(w, "index.html") }

// file serves what the page is made of.
func (c *Console) file(w http.ResponseWriter, r *http.Request) { serve(w, r.PathValue("file")) }

// serve answers with a file of the page's folder.
func serve(w http.ResponseWriter, name string) {
	data, err := files.ReadFile("page/" + name)
	if err != nil {
		http.Error(w, "There is no such file.", http.StatusNotFound)
		return
	}
	w.Header().Set("Content-Type", kinds()[path.Ext(name)])
	_, _ = w.Write(data) // the caller may be gone
}
