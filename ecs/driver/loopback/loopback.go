package loopback

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"sync"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/driver/internal/allowed"
	"github.com/bayplan/bayplan/ecs/driver/internal/epochs"
	"github.com/bayplan/bayplan/ecs/driver/internal/file"
	"github.com/bayplan/bayplan/ecs/message"
)

// Config is the configuration of Interfaces.
type Config struct {
	// Network is where addresses are taken from; the zero value is 127.64.0.0/16. It has at most 2^24 addresses,
	// and its first and its last are not used. Nobody else may use the rest.
	Network netip.Prefix
	// Elsewhere: the network is not this host's, but such as that of a container runtime. Otherwise each address must
	// be one at which this host can listen.
	Elsewhere bool
	// File keeps which task has which address, with mode 0600. Empty: that is forgotten with the process.
	File string
}

// Interfaces gives awsvpc tasks addresses of the loopback network. It is a driver.NetworkInterfaces, safe for
// concurrent use.
type Interfaces struct {
	config Config

	mu     sync.Mutex
	file   file.Kept
	kept   kept
	holder map[netip.Addr]ecs.TaskID
}

// kept is what the file has.
type kept struct {
	Addresses map[ecs.TaskID]netip.Addr `json:"addresses"`
	Last      netip.Addr                `json:"last,omitzero"` // that was given
	Commands  epochs.Memory             `json:"commands"`
}

// New returns interfaces with the addresses that the file has. Errors: a network that is not one of IPv4 with 4 to
// 2^24 addresses, a file that cannot be read or is not of Interfaces, and an address in it that is not of the network.
func New(c Config) (*Interfaces, error) {
	if !c.Network.IsValid() {
		c.Network = netip.PrefixFrom(netip.AddrFrom4([4]byte{127, 64}), 16)
	}
	if c.Network = c.Network.Masked(); !c.Network.Addr().Is4() || c.Network.Bits() < 8 || c.Network.Bits() > 30 {
		return nil, fmt.Errorf("loopback: network: %s is not one of IPv4 with 4 to 2^24 addresses", c.Network)
	}
	n := &Interfaces{config: c, file: file.Kept{Path: c.File}, holder: map[netip.Addr]ecs.TaskID{}}
	data, err := n.file.Read()
	if err != nil {
		return nil, fmt.Errorf("loopback: %w", err)
	}
	if data != nil {
		if err := json.Unmarshal(data, &n.kept); err != nil {
			return nil, fmt.Errorf("loopback: %s does not say which task has which address: %w", c.File, err)
		}
	}
	if n.kept.Addresses == nil {
		n.kept.Addresses = map[ecs.TaskID]netip.Addr{}
	}
	if n.kept.Commands.Epochs == nil {
		n.kept.Commands = epochs.New()
	}
	for id, a := range n.kept.Addresses { //order:any each by itself
		if !c.Network.Contains(a) || n.holder[a] != "" {
			return nil, fmt.Errorf("loopback: %s: task %s has the address %s, which is another's or not in %s", c.File,
				id, a, c.Network)
		}
		n.holder[a] = id
	}
	return n, nil
}

// AttachNetworkInterface returns the address of a task. It returns when that is kept in the file. Errors are permanent
// if every address is in use, if this host does not have the address, and if the task's address was released by a
// newer command.
func (n *Interfaces) AttachNetworkInterface(
	ctx context.Context, c message.AttachNetworkInterface,
) (string, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return "", err
	}
	a, has := n.kept.Addresses[c.Task]
	switch late := n.kept.Commands.Late(c.ID); {
	case has && late && !n.file.Behind():
		return a.String(), nil
	case !has && late:
		return "", driver.Permanent(fmt.Errorf("the network interface of task %s was released", c.Task))
	case !has:
		var err error
		if a, err = n.free(); err != nil {
			return "", driver.Permanent(err)
		}
		if err := here(ctx, a); err != nil && !n.config.Elsewhere {
			return "", driver.Permanent(fmt.Errorf("the address %s of the task cannot be used: %w (on Linux every "+
				"address in 127.0.0.0/8 can; elsewhere the host must have it)", a, err))
		}
		n.kept.Addresses[c.Task], n.holder[a], n.kept.Last = a, c.Task, a
	}
	n.kept.Commands.Note(c.ID, n.has)
	return a.String(), n.file.Write(n.kept)
}

// DetachNetworkInterface releases the address of a task. It returns when that is kept in the file.
func (n *Interfaces) DetachNetworkInterface(ctx context.Context, c message.DetachNetworkInterface) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	if n.kept.Commands.Late(c.ID) {
		if n.file.Behind() {
			return n.file.Write(n.kept)
		}
		return nil
	}
	if a, ok := n.kept.Addresses[c.Task]; ok {
		delete(n.holder, a)
		delete(n.kept.Addresses, c.Task)
	}
	n.kept.Commands.Note(c.ID, n.has)
	return n.file.Write(n.kept)
}

// has reports whether a task, by the target of its commands, has an address.
func (n *Interfaces) has(target string) bool {
	_, ok := n.kept.Addresses[ecs.TaskID(target)]
	return ok
}

// free returns an address that no task has: the first behind the one that was given last, so that an address rests
// before another task gets it.
func (n *Interfaces) free() (netip.Addr, error) {
	network := n.config.Network
	first := network.Addr().Next()
	a := cmp.Or(n.kept.Last, network.Addr())
	for range len(n.holder) + 3 { // each turn finds one in use, but two: the end of the network, and the one
		a = a.Next()
		if !network.Contains(a) || !network.Contains(a.Next()) {
			a = first
		}
		if n.holder[a] == "" {
			return a, nil
		}
	}
	return netip.Addr{}, fmt.Errorf("all %d addresses of %s are in use by tasks", len(n.holder), network)
}

// here returns why this host cannot listen at an address.
func here(ctx context.Context, a netip.Addr) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", netip.AddrPortFrom(a, 0).String())
	if err != nil {
		return allowed.Reason(err)
	}
	return l.Close()
}
