// Package ports has what tests need that close a port and open it again.
package ports

import "net"

// Apart returns the TCP address, with port 0, that such a test listens on. A connection takes its own port at
// 127.0.0.1, so a port of 127.0.0.2 stays free while nothing listens there. A machine without that address gets
// 127.0.0.1:0.
func Apart() string {
	const apart = "127.0.0.2:0"
	l, err := net.Listen("tcp", apart)
	if err != nil {
		return "127.0.0.1:0"
	}
	_ = l.Close()
	return apart
}
