package main

import (
	"io"
	"net"
	"sync"
	"time"
)

// link is the network between a process and the NATS servers: it forwards connections, and can be cut.
type link struct {
	socket net.Listener
	to     []string // addresses; the first that answers is taken

	mu    sync.Mutex
	cut   bool
	conns map[net.Conn]bool
}

func newLink(to []string) (*link, error) {
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &link{socket: socket, to: to, conns: map[net.Conn]bool{}}
	go l.accept()
	return l, nil
}

func (l *link) url() string { return "nats://" + l.socket.Addr().String() }

// accept takes connections until the socket is closed.
func (l *link) accept() {
	for n := 0; ; n++ {
		from, err := l.socket.Accept()
		if err != nil {
			return
		}
		go l.forward(from, n)
	}
}

// forward carries a connection to a server, another one each time.
func (l *link) forward(from net.Conn, n int) {
	defer l.close(from)
	if !l.keep(from) {
		return
	}
	for i := range l.to {
		to, err := net.DialTimeout("tcp", l.to[(n+i)%len(l.to)], time.Second)
		if err != nil {
			continue
		}
		defer l.close(to)
		if !l.keep(to) {
			return
		}
		go func() {
			_, _ = io.Copy(to, from) // it ends with either
			l.close(to)
		}()
		_, _ = io.Copy(from, to) // it ends with either
		return
	}
}

// keep takes note of a connection. It returns false if the link is cut.
func (l *link) keep(c net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut {
		return false
	}
	l.conns[c] = true
	return true
}

func (l *link) close(c net.Conn) {
	l.mu.Lock()
	delete(l.conns, c)
	l.mu.Unlock()
	_ = c.Close() // it may be closed already
}

// set cuts the link, or mends it.
func (l *link) set(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
	for c := range l.conns { //order:any each by itself
		if cut {
			_ = c.Close() // it may be closed already
		}
	}
}
