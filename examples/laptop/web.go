package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/bayplan/bayplan/examples/crew"
)

// webRole is the program of the service's tasks: a web server on HOST and PORT, which says its REVISION and process ID.
// It takes a few milliseconds for each answer. SIGTERM lets it finish what it has begun.
func webRole(ctx context.Context, _ []string) error { return crew.Web(ctx, answerWeb) }

func answerWeb(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/health" {
		time.Sleep(3 * time.Millisecond)
	}
	w.Header().Set("Revision", os.Getenv("REVISION"))
	w.Header().Set("Process", fmt.Sprint(os.Getpid()))
	fmt.Fprintf(w, "revision %s, process %d\n", os.Getenv("REVISION"), os.Getpid())
}
