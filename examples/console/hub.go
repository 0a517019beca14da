package console

import (
	"maps"
	"slices"
	"sync"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// hub is one world, with a feed for each cluster that somebody looks at.
type hub struct {
	world World
	mu    sync.Mutex // who listens; a change is noted without it, since the world is locked then
	feeds map[string]*feed

	noting sync.Mutex // of told; nothing but a feed's own is locked meanwhile
	told   []*feed
}

// mostHubs bounds the Regions, and mostFeeds the clusters of each, that are looked at.
const mostHubs, mostFeeds = 64, 64

// hub returns the hub of a Region, which the first call makes.
func (c *Console) hub(region string) (*hub, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if region == "" && c.config.Regions != nil {
		region = c.config.Regions()[0] // a world passes its changes on to one hub
	}
	if h, there := c.hubs[region]; there {
		return h, nil
	}
	if len(c.hubs) == mostHubs {
		return nil, ecs.Fault(ecs.LimitExceededException, "region", "Too many Regions are looked at.")
	}
	world, err := c.config.World(region)
	if err != nil {
		return nil, err
	}
	h := &hub{world: world, feeds: map[string]*feed{}}
	world.Watch(h.note)
	c.hubs[region] = h
	return h, nil
}

// note passes a change on to the feed of its cluster; one without a cluster goes to all.
func (h *hub) note(change message.Change) {
	h.noting.Lock()
	defer h.noting.Unlock()
	for _, f := range h.told {
		if change.Cluster == "" || change.Cluster == f.cluster {
			f.note(change)
		}
	}
}

// tell sets whom changes are passed on to: the feeds that there are.
func (h *hub) tell() {
	h.noting.Lock()
	defer h.noting.Unlock()
	h.told = slices.Collect(maps.Values(h.feeds))
}

// listen adds a listener to the feed of a cluster, which the first one starts.
func (h *hub) listen(c *Console, cluster string) (*feed, *listener, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f, there := h.feeds[cluster]
	if !there {
		if len(h.feeds) == mostFeeds {
			return nil, nil, ecs.Fault(ecs.LimitExceededException, "cluster", "Too many clusters are looked at.")
		}
		f = newFeed(h.world, cluster, c.config.Clock)
		h.feeds[cluster] = f
		h.tell()
		ticks, stop := c.ticking()
		go f.run(ticks, stop)
	}
	l, err := f.join()
	return f, l, err
}

// leave takes a listener off; the feed without one ends.
func (h *hub) leave(f *feed, l *listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if f.part(l) {
		delete(h.feeds, f.cluster)
		h.tell()
		close(f.over)
	}
}
