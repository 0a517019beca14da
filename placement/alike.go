package placement

import (
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/internal/alike"
)

// alikes keeps one of the lists that instances which are alike have.
type alikes struct {
	attributes *alike.Lists[attribute]
	reserved   *alike.Lists[ecs.HostPort]
}

// spareLists is how many lists an index keeps beyond twice its instances.
const spareLists = 64

func newAlikes() alikes {
	return alikes{
		attributes: alike.New(func(h alike.Hash, a attribute) alike.Hash { return h.Text(a.name).Text(a.value) },
			func(a, b attribute) bool { return a == b }),
		reserved: alike.New(func(h alike.Hash, p ecs.HostPort) alike.Hash { return h.Number(uint64(portCode(p))) },
			func(a, b ecs.HostPort) bool { return a == b }),
	}
}

// share gives facts the lists of those that are like them.
func (k alikes) share(f *facts, most int) {
	f.attributes = k.attributes.One(f.attributes, most)
	f.reserved = k.reserved.One(f.reserved, most)
}
