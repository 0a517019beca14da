package ports_test

import (
	"net"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/internal/ports"
)

// A port that was closed can be opened again, although a connection has the same port of the other address.
//
// Seen to fail: the address was 127.0.0.1.
func TestApart(t *testing.T) {
	l, err := net.Listen("tcp", ports.Apart())
	require.NoError(t, err)
	at := l.Addr().(*net.TCPAddr)
	if at.IP.String() == "127.0.0.1" {
		t.Skip("loopback has one address")
	}
	other, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer other.Close()
	require.NoError(t, l.Close())
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: at.Port}}
	c, err := from.Dial("tcp", other.Addr().String())
	if err != nil {
		t.Skip("the port is another's: ", err)
	}
	defer c.Close()
	l, err = net.Listen("tcp", at.String())
	require.NoError(t, err)
	require.NoError(t, l.Close())
}
