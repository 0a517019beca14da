package registry_test

import (
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/bayplan/bayplan/examples/docker/registry"
)

// A program serves the registry, and hands it to front.Config.Images.
func ExampleNew() {
	directory, err := os.MkdirTemp("", "registry")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(directory)
	r, err := registry.New(registry.Config{Directory: directory, Endpoint: "http://127.0.0.1:5000"})
	if err != nil {
		panic(err)
	}
	server := &http.Server{Addr: "127.0.0.1:5000", Handler: r, ReadHeaderTimeout: 10 * time.Second}
	fmt.Println(server.Addr)
	// Output: 127.0.0.1:5000
}
