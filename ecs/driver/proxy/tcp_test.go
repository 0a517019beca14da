package proxy

import (
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/loadbalance"
)

// A client's end of its way does not end the other way.
// Seen to fail: pour closed the connection at the end of its way; the answer was lost.
func TestTCP(t *testing.T) {
	w := newWorld(t)
	server, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer server.Close()
	go func() {
		for {
			c, err := server.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				text, _ := io.ReadAll(c)
				_, _ = c.Write(append([]byte("got "), text...))
			}()
		}
	}()
	g := loadbalance.TargetGroup{TargetGroupArn: green, LoadBalancerType: loadbalance.LoadBalancerTypeNetwork,
		TargetType: loadbalance.TargetTypeIP, DeregistrationDelaySeconds: ecs.Some(0)}
	address := w.listen(loadbalance.Listener{ListenerArn: "tcp", Protocol: loadbalance.ProtocolTCP,
		DefaultAction: to(green, 1)})
	w.register(g, server.Addr().String())
	dial := func() *net.TCPConn {
		c, err := net.Dial("tcp", address)
		require.NoError(t, err)
		return c.(*net.TCPConn)
	}
	open := dial()
	for range 3 {
		c := dial()
		_, err := c.Write([]byte("text"))
		require.NoError(t, err)
		require.NoError(t, c.CloseWrite())
		text, err := io.ReadAll(c)
		require.NoError(t, err)
		assert.Equal(t, "got text", string(text))
	}
	w.until(func() bool { return w.Requests()[green] == 4 }, "four connections are counted")
	w.deregister(g, server.Addr().String())
	host, port := split(t, server.Addr().String())
	w.until(func() bool { return w.last(host, port) == loadbalance.StateUnused }, "the target is gone")
	_, err = open.Write([]byte("late"))
	require.NoError(t, err)
	require.NoError(t, open.CloseWrite())
	text, err := io.ReadAll(open)
	require.NoError(t, err)
	assert.Equal(t, "got late", string(text), "a connection outlives the draining of its target")
	c := dial()
	_, err = io.ReadAll(c)
	assert.NoError(t, err, "without a target the connection is closed")
}
