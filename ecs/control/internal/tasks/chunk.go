package tasks

import (
	"errors"
	"reflect"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/compact"
	"github.com/bayplan/bayplan/ecs/control/internal/frames"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/lifecycle"
)

// Most tasks of a chunk are plain: one container, and nothing has happened that few tasks know. What they have in
// common is written once a chunk, and the rest of each without a look at the members of a document.

// What a task in a chunk begins with; a greater number is that of a kind that the chunk had before.
const (
	wholeTask = iota // its document follows
	freshKind        // a document of what it has in common with others follows, and then the rest
	firstKind        // the first kind of the chunk
)

// alike is what plain tasks of one kind have in common.
type alike struct {
	like  *Likeness
	ports compact.Bindings // of one of them, without the port that differs
}

// ChunkWriter writes tasks into one frame. What it writes depends on what it wrote before.
type ChunkWriter struct {
	format *frames.Format
	kinds  map[alike]uint64
}

// NewChunkWriter returns the writer of one frame.
func NewChunkWriter(format *frames.Format) *ChunkWriter {
	return &ChunkWriter{format: format, kinds: map[alike]uint64{}}
}

// Write appends a task to the frame.
func (c *ChunkWriter) Write(w *frames.Writer, t *Task) {
	if !t.plain() {
		w.Uint(wholeTask)
		c.format.Write(w, reflect.ValueOf(t.Document()))
		return
	}
	kind := alike{t.Likeness, t.Bindings.Alike()}
	if n, ok := c.kinds[kind]; ok {
		w.Uint(n + firstKind)
	} else {
		c.kinds[kind] = uint64(len(c.kinds))
		w.Uint(freshKind)
		c.format.Write(w, reflect.ValueOf(t.common()))
	}
	t.rest(w)
}

// plain reports whether all of the task is in its kind and in what rest writes.
func (t *Task) plain() bool {
	m, first := &t.Machine, t.Machine.Container(0)
	seen := lifecycle.Container{StartedAt: first.StartedAt, Status: first.Status, Health: first.Health}
	return m.Simple() && first == seen && t.Rare.Nothing() && t.details == nil && t.Noted == "" && !t.Forgotten
}

// common returns a document of what the tasks of a kind have in common.
func (t *Task) common() *written.Task {
	return &written.Task{TaskDefinitionArn: t.TaskDefinitionArn, Overrides: t.Overrides, Service: t.Service,
		Deployment: t.Deployment, Group: t.Group, StartedBy: t.StartedBy, LaunchType: t.LaunchType,
		CapacityProvider: t.CapacityProvider, PlatformVersion: t.PlatformVersion, Network: t.Network,
		Registry: t.Registry, AwaitsRoom: t.AwaitsRoom, Exec: t.Exec, Tags: t.Tags, Orphan: t.Orphan,
		Bindings: t.Bindings.Alike().Lists()}
}

// The flags of a plain task.
const (
	isSeated = 1 << iota
	isCounted
	isPlaced
	isAtAgent
	isReleased
	isStopSent
	isStopNow
	hasInstants // and behind it, a bit for each instant
)

// instants lists the instants of a plain task, most of which are not set.
func instants(m *compact.Machine, first *lifecycle.Container, t *Task, wait *written.Wait) [10]*ecs.Instant {
	return [...]*ecs.Instant{&m.CreatedAt, &m.ConnectivityAt, &m.PullStartedAt, &m.PullStoppedAt, &m.StartedAt,
		&first.StartedAt, &t.CreatedAt, &t.Wake, &t.Forget, &wait.Since}
}

// rest writes what a plain task has for itself.
func (t *Task) rest(w *frames.Writer) {
	m, first, wait := &t.Machine, t.Machine.Container(0), t.Wait()
	w.Text(string(t.ID))
	w.Text(string(t.Instance))
	w.Text(t.Zone)
	flags := uint64(0)
	for i, is := range [...]bool{t.Seated, t.Counted, m.Placed, m.AtAgent, m.Released, m.StopSent, m.StopNow} {
		if is {
			flags |= 1 << i
		}
	}
	list := instants(m, &first, t, &wait)
	for i, at := range list {
		if *at != 0 {
			flags |= hasInstants << i
		}
	}
	w.Uint(flags)
	for _, at := range list {
		if *at != 0 {
			w.Instant(*at)
		}
	}
	for _, n := range [...]uint64{uint64(m.Last), uint64(m.Desired), uint64(m.Connectivity), uint64(m.Version),
		uint64(first.Status), uint64(first.Health), uint64(t.Bindings.Port()), t.Life, t.Sequence, t.start, t.stop} {
		w.Uint(n)
	}
	w.Text(string(wait.For))
	w.Uint(uint64(wait.Container))
	w.Uint(uint64(wait.On))
}

// Saved is a task of a chunk that was read.
type Saved struct {
	Whole *written.Task // its document; nil: it is plain
	Kind  *Kind         // of a plain task
	task  *Task         // with what a plain task has for itself, and nothing else
	port  uint16
	wait  written.Wait
}

// Kind is what plain tasks of a chunk have in common.
type Kind struct {
	Common written.Task
	ports  compact.Bindings
	like   *Likeness // once the first of them is restored
	blank  [1]written.Detail
}

// document returns the document of a plain task.
func (s *Saved) document() written.Task {
	d, t := s.Kind.Common, s.task
	d.ID, d.Instance, d.Zone = t.ID, t.Instance, t.Zone
	d.Seated, d.Counted, d.Machine = t.Seated, t.Counted, t.Machine.Unpack(t.ID)
	d.Keys = written.Keys{Start: t.StartKey(), Stop: t.StopKey()}
	d.Wait, d.Details = s.wait, s.Kind.blank[:]
	return d
}

// ID returns the task's ID.
func (s *Saved) ID() ecs.TaskID {
	if s.Whole != nil {
		return s.Whole.ID
	}
	return s.task.ID
}

// ChunkReader reads the tasks of one frame.
type ChunkReader struct {
	format *frames.Format
	kinds  []*Kind
}

// NewChunkReader returns the reader of one frame.
func NewChunkReader(format *frames.Format) *ChunkReader { return &ChunkReader{format: format} }

// errKind is the error of a task of a kind that the chunk does not have.
var errKind = errors.New("tasks: there is no such kind of task")

// Read reads what Write wrote of a task. The error says what is wrong with the frame.
func (c *ChunkReader) Read(r *frames.Reader) (s Saved, err error) {
	switch n := r.Uint(); {
	case n == wholeTask:
		if err := c.format.Read(r, reflect.ValueOf(&s.Whole).Elem()); err != nil {
			return s, err
		}
		if s.Whole == nil {
			r.Fail(errKind)
		}
		return s, r.Err()
	case n == freshKind:
		k := &Kind{}
		p := &written.Task{}
		if err := c.format.Read(r, reflect.ValueOf(&p).Elem()); err != nil {
			return s, err
		}
		if p == nil {
			r.Fail(errKind)
			return s, r.Err()
		}
		k.Common = *p
		c.kinds = append(c.kinds, k)
		s.Kind = k
	case n-firstKind < uint64(len(c.kinds)):
		s.Kind = c.kinds[n-firstKind]
	default:
		r.Fail(errKind)
		return s, r.Err()
	}
	s.task = &Task{}
	s.read(r, c.format)
	return s, r.Err()
}

// read reads what rest wrote.
func (s *Saved) read(r *frames.Reader, f *frames.Format) {
	t := s.task
	var first lifecycle.Container
	t.ID, t.Instance, t.Zone = ecs.TaskID(r.Text()), ecs.InstanceID(r.Text()), r.Text()
	flags := r.Uint()
	m := &t.Machine
	for i, is := range [...]*bool{&t.Seated, &t.Counted, &m.Placed, &m.AtAgent, &m.Released, &m.StopSent,
		&m.StopNow} {
		*is = flags&(1<<i) != 0
	}
	for i, at := range instants(m, &first, t, &s.wait) {
		if flags&(hasInstants<<i) != 0 {
			*at = r.Instant()
		}
	}
	m.Last, m.Desired = frames.Word[lifecycle.Status](f, r), frames.Word[lifecycle.Status](f, r)
	m.Connectivity = frames.Word[lifecycle.Connectivity](f, r)
	m.Version = uint32(r.Uint())
	first.Status, first.Health = frames.Word[lifecycle.ContainerStatus](f, r), frames.Word[lifecycle.Health](f, r)
	s.port = uint16(r.Uint())
	t.Life, t.Sequence, t.start, t.stop = r.Uint(), r.Uint(), r.Uint(), r.Uint()
	s.wait.For = lifecycle.WaitReason(r.Text())
	s.wait.Container, s.wait.On = uint8(r.Uint()), uint8(r.Uint())
	*m = m.WithOne(first)
}
