package console

import (
	"encoding/json"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/message"
)

const (
	mostFrames    = 10  // a second
	mostListeners = 32  // of a feed
	mostChanges   = 200 // of a frame: of more that come between two frames the newest
	behind        = 4   // frames that wait for a listener, which then gets the whole picture instead
	mostReads     = 3   // of the plane for one frame, while a large cluster arrives
)

// feed sends the frames of one cluster to those who look at it.
type feed struct {
	world   World
	cluster string
	clock   Clock
	over    chan struct{} // closed when nobody listens

	mu        sync.Mutex
	picture   *picture
	listeners map[*listener]bool

	noting  sync.Mutex // not held while anything else is locked
	marked  marks
	changes []message.Change
}

// listener is one page that is open.
type listener struct {
	frames chan []byte
	stale  bool // it missed a frame
}

func newFeed(w World, cluster string, clock Clock) *feed {
	return &feed{world: w, cluster: cluster, clock: clock, over: make(chan struct{}), picture: newPicture(cluster),
		listeners: map[*listener]bool{}, marked: newMarks()}
}

// note marks what a change is about.
func (f *feed) note(c message.Change) {
	f.noting.Lock()
	defer f.noting.Unlock()
	f.marked.mark(c)
	c.Why = "" // the task's page has it
	f.changes = append(f.changes, c)
	if len(f.changes) > 2*mostChanges {
		f.changes = append([]message.Change(nil), f.changes[len(f.changes)-mostChanges:]...)
	}
}

// taken returns what was noted since the last frame.
func (f *feed) taken() (marks, []message.Change) {
	f.noting.Lock()
	defer f.noting.Unlock()
	m, changes := f.marked, f.changes
	f.marked, f.changes = newMarks(), nil
	return m, changes[max(0, len(changes)-mostChanges):]
}

// run makes a frame at once, and at each tick until nobody listens. A world that takes long to read is read less
// often.
func (f *feed) run(ticks <-chan time.Time, stop func()) {
	defer stop()
	f.send(1) // the first rows are soon there
	rest := time.Time{}
	for {
		select {
		case <-f.over:
			return
		case <-ticks:
			if begun := time.Now(); begun.After(rest) {
				f.send(mostReads)
				rest = time.Now().Add(time.Since(begun))
			}
		}
	}
}

// send makes one frame and gives it to all listeners. While rows are missing it reads several times: the plane is
// never lent for long, and a large cluster is soon there.
func (f *feed) send(reads int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m, changes := f.taken()
	f.picture.due.add(m)
	var err error
	for range reads {
		err = f.world.Read(func(p *control.Plane, now time.Time) error {
			return f.picture.look(p, now, f.world.Changes())
		})
		if err != nil || f.picture.loading() == 0 {
			break
		}
	}
	made := f.picture.frame(f.pace(), changes, err)
	if made == nil {
		return
	}
	data, err := json.Marshal(made)
	if err != nil {
		data = []byte(`{"missing":"The frame could not be written."}`)
	}
	for l := range f.listeners { //order:any each by itself
		select {
		case l.frames <- data:
		default:
			l.stale = true
		}
	}
}

func (f *feed) pace() *Pace {
	if f.clock == nil {
		return nil
	}
	p := f.clock.Pace()
	return &p
}

// join adds a listener, whose first frame is the whole picture.
func (f *feed) join() (*listener, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.listeners) == mostListeners {
		return nil, ecs.Fault(ecs.LimitExceededException, "cluster", "Too many pages look at this cluster.")
	}
	l := &listener{frames: make(chan []byte, behind), stale: true}
	f.listeners[l] = true
	return l, nil
}

// part takes a listener off and reports whether it was the last.
func (f *feed) part(l *listener) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.listeners, l)
	return len(f.listeners) == 0
}

// whole returns the whole picture for a listener that lacks a frame, and nil for one that lacks none.
func (f *feed) whole(l *listener) ([]byte, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !l.stale {
		return nil, nil
	}
	for len(l.frames) > 0 { // they are older than the picture
		<-l.frames
	}
	l.stale = false
	return json.Marshal(f.picture.whole(f.pace()))
}
