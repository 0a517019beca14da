package written

import (
	"errors"
	"reflect"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/compact"
	"github.com/bayplan/bayplan/ecs/control/internal/frames"
	"github.com/bayplan/bayplan/lifecycle"
)

// Most tasks of a chunk are plain: one container, and nothing has happened that few tasks know. What they have in
// common is written once a chunk, and the rest of each without a look at the members of a document.

// Plain is what a plain task has for itself.
type Plain struct {
	ID              ecs.TaskID
	Instance        ecs.InstanceID
	Zone            string
	Seated, Counted bool
	Machine         compact.Machine
	Port            uint16 // the host port in which its bindings differ from those of its kind; 0: they do not
	Life, Sequence  uint64
	Start, Stop     uint64 // epochs of its commands
	CreatedAt       ecs.Instant
	Wake, Forget    ecs.Instant
	Wait            Wait
}

// Chunked is a task as a chunk has it.
type Chunked struct {
	Whole *Task // its document; nil: it is plain
	Kind  *Kind // of a plain task
	Plain Plain
}

// Kind is what plain tasks of a chunk have in common.
type Kind struct{ Document Task }

// ID returns the task's ID.
func (c *Chunked) ID() ecs.TaskID {
	if c.Whole != nil {
		return c.Whole.ID
	}
	return c.Plain.ID
}

// Wrong finds what no task is, in a task of whose kind another was restored: what Wrong of its document finds then.
func (p *Plain) Wrong() error {
	if err := wrongMachine(p.Counted, p.Machine.Last, p.Machine.Desired, p.Machine.AtAgent); err != nil {
		return err
	}
	return p.Wait.wrong()
}

// Full returns the document of a plain task, but for its bindings, which are those of its kind.
func (c *Chunked) Full() Task {
	d, p := c.Kind.Document, &c.Plain
	d.ID, d.Instance, d.Zone = p.ID, p.Instance, p.Zone
	d.Seated, d.Counted, d.Machine = p.Seated, p.Counted, p.Machine.Unpack(p.ID)
	d.Keys = Keys{Start: StartKey(p.ID, p.Start), Stop: StopKey(p.ID, p.Stop)}
	d.Wait = p.Wait
	return d
}

// Source is a task that is to be written.
type Source interface {
	Document() *Task
	// Plain returns what the task has for itself and what its kind is known by; false if it is not plain.
	Plain() (p Plain, kind any, ok bool)
	KindDocument() *Task // of what the tasks of its kind have in common
}

// What a task in a chunk begins with; a greater number is that of a kind that the chunk had before.
const (
	wholeTask = iota // its document follows
	freshKind        // a document of what it has in common with others follows, and then the rest
	firstKind        // the first kind of the chunk
)

// ChunkWriter writes tasks into one frame. What it writes depends on what it wrote before.
type ChunkWriter struct {
	format *frames.Format
	kinds  map[any]uint64
}

// NewChunkWriter returns the writer of one frame.
func NewChunkWriter(format *frames.Format) *ChunkWriter {
	return &ChunkWriter{format: format, kinds: map[any]uint64{}}
}

// Write appends a task to the frame.
func (c *ChunkWriter) Write(w *frames.Writer, t Source) {
	p, kind, ok := t.Plain()
	if !ok {
		w.Uint(wholeTask)
		c.format.Write(w, reflect.ValueOf(t.Document()))
		return
	}
	if n, ok := c.kinds[kind]; ok {
		w.Uint(n + firstKind)
	} else {
		c.kinds[kind] = uint64(len(c.kinds))
		w.Uint(freshKind)
		c.format.Write(w, reflect.ValueOf(t.KindDocument()))
	}
	p.write(w)
}

// hasInstants is the flag of the first instant of a plain task, behind those of its booleans.
const hasInstants = 1 << 7

func (p *Plain) booleans() [7]*bool {
	m := &p.Machine
	return [...]*bool{&p.Seated, &p.Counted, &m.Placed, &m.AtAgent, &m.Released, &m.StopSent, &m.StopNow}
}

// instants lists the instants of a plain task, most of which are not set.
func (p *Plain) instants(first *lifecycle.Container) [10]*ecs.Instant {
	m := &p.Machine
	return [...]*ecs.Instant{&m.CreatedAt, &m.ConnectivityAt, &m.PullStartedAt, &m.PullStoppedAt, &m.StartedAt,
		&first.StartedAt, &p.CreatedAt, &p.Wake, &p.Forget, &p.Wait.Since}
}

func (p *Plain) write(w *frames.Writer) {
	m, first := &p.Machine, p.Machine.Container(0)
	w.Text(string(p.ID))
	w.Text(string(p.Instance))
	w.Text(p.Zone)
	flags := uint64(0)
	for i, is := range p.booleans() {
		if *is {
			flags |= 1 << i
		}
	}
	list := p.instants(&first)
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
		uint64(first.Status), uint64(first.Health), uint64(p.Port), p.Life, p.Sequence, p.Start, p.Stop} {
		w.Uint(n)
	}
	w.Text(string(p.Wait.For))
	w.Uint(uint64(p.Wait.Container))
	w.Uint(uint64(p.Wait.On))
}

// ChunkReader reads the tasks of one frame.
type ChunkReader struct {
	format                        *frames.Format
	kinds                         []*Kind
	status, connectivity          *[256]bool // the words there are
	containerStatus, healthStatus *[256]bool
}

// NewChunkReader returns the reader of one frame.
func NewChunkReader(format *frames.Format) *ChunkReader {
	return &ChunkReader{format: format,
		status:          format.Words(reflect.TypeFor[lifecycle.Status]()),
		connectivity:    format.Words(reflect.TypeFor[lifecycle.Connectivity]()),
		containerStatus: format.Words(reflect.TypeFor[lifecycle.ContainerStatus]()),
		healthStatus:    format.Words(reflect.TypeFor[lifecycle.Health]())}
}

// errKind is the error of a task of a kind that the chunk does not have.
var errKind = errors.New("written: there is no such kind of task")

// Read reads what Write wrote of a task into t, which is zero. The error says what is wrong with the frame.
func (t *Chunked) Read(c *ChunkReader, r *frames.Reader) error {
	switch n := r.Uint(); {
	case n == wholeTask:
		t.Whole = c.document(r)
		return r.Err()
	case n == freshKind:
		if d := c.document(r); d != nil {
			d.Details = make([]Detail, 1)
			t.Kind = &Kind{*d}
			c.kinds = append(c.kinds, t.Kind)
		}
	case n-firstKind < uint64(len(c.kinds)):
		t.Kind = c.kinds[n-firstKind]
	default:
		r.Fail(errKind)
	}
	if r.Err() == nil {
		t.Plain.read(c, r)
	}
	return r.Err()
}

// document reads a document; nil, having failed, where there is none.
func (c *ChunkReader) document(r *frames.Reader) (d *Task) {
	if err := c.format.Read(r, reflect.ValueOf(&d).Elem()); err == nil && d == nil {
		r.Fail(errKind)
	}
	return d
}

// read reads what write wrote.
func (p *Plain) read(c *ChunkReader, r *frames.Reader) {
	var first lifecycle.Container
	p.ID, p.Instance, p.Zone = ecs.TaskID(r.Text()), ecs.InstanceID(r.Text()), r.Text()
	flags := r.Uint()
	for i, is := range p.booleans() {
		*is = flags&(1<<i) != 0
	}
	for i, at := range p.instants(&first) {
		if flags&(hasInstants<<i) != 0 {
			*at = r.Instant()
		}
	}
	m := &p.Machine
	m.Last, m.Desired = lifecycle.Status(r.Word(c.status)), lifecycle.Status(r.Word(c.status))
	m.Connectivity, m.Version = lifecycle.Connectivity(r.Word(c.connectivity)), uint32(r.Uint())
	first.Status = lifecycle.ContainerStatus(r.Word(c.containerStatus))
	first.Health = lifecycle.Health(r.Word(c.healthStatus))
	p.Port, p.Life, p.Sequence = uint16(r.Uint()), r.Uint(), r.Uint()
	p.Start, p.Stop = r.Uint(), r.Uint()
	p.Wait.For = lifecycle.WaitReason(r.Text())
	p.Wait.Container, p.Wait.On = uint8(r.Uint()), uint8(r.Uint())
	*m = m.WithOne(first)
}
