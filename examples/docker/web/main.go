// Web is the program of the demonstration's tasks: a web server on port 80, which says its REVISION and the name of its
// container. GET /about says what the container finds out about itself, and GET /eat takes memory until it is killed.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "web:", err)
		os.Exit(1)
	}
}

// run serves until SIGTERM, and finishes what it has begun.
func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	server := &http.Server{Addr: ":80", Handler: http.HandlerFunc(answer), ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.ListenAndServe() }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
	}
	limited, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return server.Shutdown(limited)
}

func answer(w http.ResponseWriter, r *http.Request) {
	name, err := os.Hostname()
	if err != nil {
		name = err.Error()
	}
	switch r.URL.Path {
	case "/eat":
		eat()
	case "/about":
		about(w)
		return
	}
	w.Header().Set("Revision", os.Getenv("REVISION"))
	w.Header().Set("Process", "1")
	fmt.Fprintf(w, "revision %s, container %s\n", os.Getenv("REVISION"), name)
}

// about asks the endpoints that the environment names: the task, and the role whose keys there are.
func about(w io.Writer) {
	credentials := os.Getenv("AWS_CONTAINER_CREDENTIALS_FULL_URI")
	if path := os.Getenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); path != "" {
		credentials = "http://169.254.170.2" + path
	}
	for _, url := range []string{os.Getenv("ECS_CONTAINER_METADATA_URI_V4") + "/task", credentials} {
		var told struct{ Cluster, Family, Revision, RoleArn string }
		client := http.Client{Timeout: 5 * time.Second}
		answer, err := client.Get(url)
		if err == nil {
			err = errors.Join(json.NewDecoder(answer.Body).Decode(&told), answer.Body.Close())
		}
		if err != nil {
			fmt.Fprintln(w, err)
			continue
		}
		fmt.Fprintln(w, told.Cluster, told.Family, told.Revision, told.RoleArn)
	}
}

// eat takes memory, and touches it.
func eat() {
	var all [][]byte
	for {
		page := make([]byte, 1<<20)
		for i := range page {
			page[i] = 1
		}
		all = append(all, page)
		if len(all) > 1<<14 {
			return
		}
	}
}
