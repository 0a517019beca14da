package loopback

import (
	"context"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/driver/drivertest"
	"github.com/bayplan/bayplan/ecs/message"
)

func interfaces(t *testing.T, c Config) *Interfaces {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("this host has one address of 127.0.0.0/8")
	}
	n, err := New(c)
	require.NoError(t, err)
	return n
}

func key(id string, epoch uint64) message.Key { return message.Key{Target: id, Epoch: epoch} }

func attach(n *Interfaces, id string, epoch uint64) (string, error) {
	return n.AttachNetworkInterface(context.Background(), message.AttachNetworkInterface{ID: key(id, epoch),
		Task: ecs.TaskID(id)})
}

func detach(n *Interfaces, id string, epoch uint64) error {
	return n.DetachNetworkInterface(context.Background(), message.DetachNetworkInterface{ID: key(id, epoch),
		Task: ecs.TaskID(id)})
}

func TestInterfacesKeepTheContract(t *testing.T) {
	for name, config := range map[string]Config{"loopback": {},
		"elsewhere": {Network: netip.MustParsePrefix("192.0.2.0/24"), Elsewhere: true}} {
		t.Run(name, func(t *testing.T) {
			drivertest.TestNetworkInterfaces(t, func(t *testing.T) drivertest.NetworkInterfaces {
				config.File = filepath.Join(t.TempDir(), "interfaces.json")
				var fixture func() drivertest.NetworkInterfaces
				fixture = func() drivertest.NetworkInterfaces {
					n := interfaces(t, config)
					return drivertest.NetworkInterfaces{NetworkInterfaces: n, Restart: fixture,
						Attached: func() []ecs.TaskID { return slices.Collect(maps.Keys(n.kept.Addresses)) }}
				}
				return fixture()
			})
		})
	}
}

// Addresses are given in turn, each to one task at a time.
func TestAddresses(t *testing.T) {
	n := interfaces(t, Config{Network: netip.MustParsePrefix("127.99.0.0/29")})
	has := map[string]string{}
	for epoch := range uint64(60) {
		id := fmt.Sprint("task-", epoch)
		got, err := attach(n, id, epoch+1)
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint("127.99.0.", epoch%6+1), got)
		require.NotContains(t, has, got)
		has[got] = id
		if len(has) == 5 {
			oldest := fmt.Sprint("127.99.0.", (epoch+2)%6+1)
			require.NoError(t, detach(n, has[oldest], 1000+epoch))
			delete(has, oldest)
		}
	}
	require.Len(t, n.holder, 4)
}

// What keeps a task from an address is a reason that names it.
func TestReasons(t *testing.T) {
	n := interfaces(t, Config{Network: netip.MustParsePrefix("127.99.1.0/30")})
	for i, id := range []string{"a", "b"} {
		_, err := attach(n, id, uint64(i+1))
		require.NoError(t, err)
	}
	_, err := attach(n, "c", 3)
	require.EqualError(t, err, "all 2 addresses of 127.99.1.0/30 are in use by tasks")
	require.True(t, driver.IsPermanent(err))
	require.NoError(t, detach(n, "a", 4))
	_, err = attach(n, "a", 1)
	require.EqualError(t, err, "the network interface of task a was released")
	require.True(t, driver.IsPermanent(err))
	got, err := attach(n, "d", 5)
	require.NoError(t, err)
	require.Equal(t, "127.99.1.1", got)

	n = interfaces(t, Config{Network: netip.MustParsePrefix("192.0.2.0/24")})
	_, err = attach(n, "a", 1)
	require.ErrorContains(t, err, "the address 192.0.2.1 of the task cannot be used: cannot assign requested address")
	require.True(t, driver.IsPermanent(err))
	require.Empty(t, n.kept.Addresses)

	n = interfaces(t, Config{Network: netip.MustParsePrefix("192.0.2.0/24"), Elsewhere: true})
	got, err = attach(n, "a", 1)
	require.NoError(t, err)
	require.Equal(t, "192.0.2.1", got, "a network that is not this host's")
}

// A file or a network that cannot be worked with is an error, and what cannot be kept is not acknowledged.
func TestFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "interfaces.json")
	for _, text := range []string{`{"addresses": {"a": "10.0.0.1"}}`, `[]`, `{"addresses": {"a": "x"}}`,
		`{"addresses": {"a": "127.64.0.1", "b": "127.64.0.1"}}`} {
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := New(Config{File: path})
		require.ErrorContains(t, err, path, text)
	}
	for _, network := range []string{"::/64", "127.0.0.0/31", "0.0.0.0/0"} {
		_, err := New(Config{Network: netip.MustParsePrefix(network)})
		require.ErrorContains(t, err, "network: ", network)
	}
	directory := filepath.Join(t.TempDir(), "nowhere")
	n := interfaces(t, Config{File: filepath.Join(directory, "interfaces.json")})
	for range 2 {
		_, err := attach(n, "a", 1)
		require.Error(t, err, "what is not kept is not acknowledged")
	}
	require.NoError(t, os.Mkdir(directory, 0o700))
	first, err := attach(n, "a", 1)
	require.NoError(t, err)
	again, err := attach(interfaces(t, n.config), "a", 1)
	require.NoError(t, err)
	require.Equal(t, first, again)
}
