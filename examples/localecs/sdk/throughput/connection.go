package main

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"time"
)

// connection sends one request after the other. It takes less time than an http.Client, whose connections have two
// goroutines each: what is measured is the server.
type connection struct {
	conn net.Conn // nil: none is open
	in   *bufio.Reader
	out  *bufio.Writer
}

// do sends a request and returns the answer with its whole body.
func (c *connection) do(r *http.Request) (*http.Response, []byte, error) {
	if err := c.open(r.URL.Host); err != nil {
		return nil, nil, err
	}
	response, data, err := c.exchange(r)
	if err != nil || response.Close {
		err = errors.Join(err, c.close())
	}
	return response, data, err
}

func (c *connection) open(host string) (err error) {
	if c.conn != nil {
		return nil
	}
	if c.conn, err = net.DialTimeout("tcp", host, time.Minute); err == nil {
		c.in, c.out = bufio.NewReader(c.conn), bufio.NewWriter(c.conn)
	}
	return err
}

func (c *connection) exchange(r *http.Request) (*http.Response, []byte, error) {
	if err := c.conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return nil, nil, err
	}
	if err := errors.Join(r.Write(c.out), c.out.Flush()); err != nil {
		return nil, nil, err
	}
	response, err := http.ReadResponse(c.in, r)
	if err != nil {
		return nil, nil, err
	}
	data, err := io.ReadAll(response.Body)
	return response, data, errors.Join(err, response.Body.Close())
}

// close closes the connection, if one is open.
func (c *connection) close() error {
	if c.conn == nil {
		return nil
	}
	err := c.conn.Close()
	c.conn = nil
	return err
}
