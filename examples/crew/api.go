package crew

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/examples/localecs/front"
)

// The orchestrator serves the ECS API on a socket that the crew opened: a client that calls while the orchestrator is
// started again waits for its next life.

// inheritedSocket is the file descriptor of the API's socket in the orchestrator.
const inheritedSocket = 3

const accessKeyFile = "api.key"

// OpenAPI opens the socket of the API, and draws the key that calls are signed with.
func (c *Crew) OpenAPI(address string) (url string, key AccessKey, err error) {
	socket, err := net.Listen("tcp", address)
	if err != nil {
		return "", key, err
	}
	defer socket.Close() // the file is another descriptor of it
	tcp, ok := socket.(*net.TCPListener)
	if !ok {
		return "", key, fmt.Errorf("%s is not an address of TCP", address)
	}
	if c.socket, err = tcp.File(); err != nil {
		return "", key, err
	}
	key, err = NewKey(filepath.Join(c.directory, accessKeyFile), "CREWKEY")
	return "http://" + socket.Addr().String(), key, err
}

// CheckLoopback refuses an address that other machines reach: what calls the API runs programs.
func CheckLoopback(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil || !at.Addr().IsLoopback() {
		return fmt.Errorf("-addr %q is not an address of loopback with a port, such as 127.0.0.1:8091", address)
	}
	return nil
}

// inherited returns the socket of the API, before anything is started that would inherit it, too.
func inherited() (net.Listener, error) {
	file := os.NewFile(inheritedSocket, "api")
	socket, err := net.FileListener(file)
	return socket, errors.Join(err, file.Close())
}

// serveAPI serves the API and the console until the context ends.
func (p Part) serveAPI(ctx context.Context, loop *driver.Loop, recent *front.Recent, o Orchestra) error {
	key, err := ReadKey(filepath.Join(p.Directory, accessKeyFile))
	if err != nil {
		return err
	}
	api, err := front.New(front.Config{World: front.Live{Loop: loop, Recent: recent}, Images: o.Images,
		Authorizer: o.Authorizer,
		Secret:     func(id string) (string, bool) { return key.Secret, id == key.ID }})
	if err != nil {
		return err
	}
	server := &http.Server{Handler: api, MaxHeaderBytes: 64 << 10, ReadHeaderTimeout: 10 * time.Second,
		ReadTimeout: time.Minute, WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() }) // Serve below says that it has ended
	defer stop()
	if err := server.Serve(p.Socket); ctx.Err() == nil {
		return err
	}
	return nil
}

// serve answers the show and, if there is a socket for it, serves the API until the context ends.
func (p Part) serve(ctx context.Context, loop *driver.Loop, recent *front.Recent, o Orchestra) error {
	if p.Socket == nil {
		return serve(ctx, p.Directory, loop)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	api := make(chan error, 1)
	go func() { defer stop(); api <- p.serveAPI(ctx, loop, recent, o) }()
	err := serve(ctx, p.Directory, loop)
	stop()
	return errors.Join(err, <-api)
}
