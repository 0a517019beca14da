package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

// webRole is the program of the service's tasks: a web server on HOST and PORT, which says its REVISION and process ID.
// It takes a few milliseconds for each answer. SIGTERM lets it finish what it has begun.
func webRole(ctx context.Context, _ []string) error {
	address := net.JoinHostPort(os.Getenv("HOST"), os.Getenv("PORT"))
	server := &http.Server{Addr: address, ReadHeaderTimeout: 10 * time.Second, Handler: http.HandlerFunc(answerWeb)}
	ended := make(chan error, 1)
	go func() { ended <- server.ListenAndServe() }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	limited, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(limited); err != nil {
		return err
	}
	if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func answerWeb(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/health" {
		time.Sleep(3 * time.Millisecond)
	}
	w.Header().Set("Revision", os.Getenv("REVISION"))
	w.Header().Set("Process", fmt.Sprint(os.Getpid()))
	fmt.Fprintf(w, "revision %s, process %d\n", os.Getenv("REVISION"), os.Getpid())
}
