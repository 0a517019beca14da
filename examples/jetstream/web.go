package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"

	shared "github.com/bayplan/bayplan/examples/crew"
)

// webImage is the name of the demo's program as an image.
const webImage = "jetstream/web"

// webRole is the program of the demo's tasks: a web server on HOST and PORT that notes its start. SIGTERM lets it
// finish what it has begun.
func webRole(ctx context.Context, _ []string) error {
	if err := noteStart(os.Getenv("STARTS"), os.Getenv("START")); err != nil {
		return err
	}
	return shared.Web(ctx, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Process", strconv.Itoa(os.Getpid()))
		w.Header().Set("Revision", "1") // no act rolls the service
		fmt.Fprintf(w, "process %d\n", os.Getpid())
	})
}

// noteStart adds a line to a file, in one write: several processes do so.
func noteStart(file, start string) error {
	if file == "" {
		return nil
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.WriteString(start + "\n")
	return errors.Join(err, f.Close())
}
