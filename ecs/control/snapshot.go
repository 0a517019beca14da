package control

import (
	"bytes"
	"encoding/json"
	"fmt"
	"iter"
	"reflect"
	"slices"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/fleet"
	"github.com/bayplan/bayplan/ecs/control/internal/frames"
	"github.com/bayplan/bayplan/ecs/control/internal/outbox"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
	"github.com/bayplan/bayplan/ecs/control/internal/tasks"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/ecs/registry"
	"github.com/bayplan/bayplan/lifecycle"
)

// Snapshot is a State in chunks: less than a tenth of State's JSON, and no more than one chunk is in memory
// at a time. State is the form to be read by others, and by other versions.
type Snapshot struct {
	Format   string // of the chunks: a program reads those of its own only
	Rules    string // by which the plane decided
	Sequence uint64 // of the last record that it contains
	Weight   int    // how many tasks, container instances and services it has

	// Chunks yields the chunks in order, once. An error ends it. A chunk is there until the next is asked for.
	Chunks iter.Seq2[[]byte, error]

	// Ahead is for RestoreSnapshot, which gives it what decodes the tasks. It returns what yields the same, as what
	// a goroutine of its own has made ahead; nil: they are decoded when they are wanted.
	Ahead func(iter.Seq2[Piece, error]) iter.Seq2[Piece, error]
}

// The kinds of chunks.
const (
	chunkDocument  = iota // JSON of all but the lists that have chunks of their own
	chunkInstances        // of a cluster, as those that follow
	chunkServices
	chunkTasks
	chunkOutstanding
	chunkEnd // with how many values there were
)

// Saving is a Snapshot that is being taken.
type Saving struct {
	plane    *Plane
	snapshot Snapshot
	format   *frames.Format
	document []byte
	lists    []savedList // what is left
	at       int         // in the first
	writer   frames.Writer
	room     int // bytes of the last chunk
	ended    bool
	early    [][]byte // chunks that were made before they were asked for
}

// savedList is a list of values that are written one by one. Their rooms keep each as it was, once it changes.
type savedList struct {
	kind, cluster, length int

	// begin returns what writes the value of an index into a frame that begins
	begin func(*frames.Format) func(w *frames.Writer, i int)
	// held reports whether a chunk was made of a value before it changed, and early returns it; nil: none ever is
	held  func(i int) bool
	early func(i int) []byte
}

// saved lists the values of a list that nobody else has.
func saved[T any](kind, cluster int, list []T, begin func(*frames.Format) func(*frames.Writer, T)) savedList {
	of := savedList{kind: kind, cluster: cluster, length: len(list)}
	of.begin = func(f *frames.Format) func(*frames.Writer, int) {
		write := begin(f)
		return func(w *frames.Writer, i int) { write(w, list[i]) }
	}
	return of
}

// beginInstances begins a frame of container instances.
func (p *Plane) beginInstances(f *frames.Format) func(*frames.Writer, *fleet.Instance) {
	return func(w *frames.Writer, i *fleet.Instance) { f.Write(w, reflect.ValueOf(p.fleet.Was(i).Document())) }
}

// savedServices lists the services of a cluster.
func (p *Plane) savedServices(cluster int, list []*services.Service) savedList {
	of := saved(chunkServices, cluster, list, func(f *frames.Format) func(*frames.Writer, *services.Service) {
		return func(w *frames.Writer, s *services.Service) {
			p.services.Was(s) // it is as it was
			f.Write(w, reflect.ValueOf(s))
		}
	})
	of.held = func(i int) bool { return p.services.Held(list[i]) }
	of.early = func(i int) []byte { chunk, _ := p.services.Was(list[i]); return chunk }
	return of
}

// beginTasks begins a frame of tasks.
func (p *Plane) beginTasks(f *frames.Format) func(*frames.Writer, *tasks.Task) {
	into := written.NewChunkWriter(f)
	return func(w *frames.Writer, t *tasks.Task) { into.Write(w, p.tasks.Was(t)) }
}

// beginCommands begins a frame of commands without an outcome.
func (p *Plane) beginCommands(f *frames.Format) func(*frames.Writer, *outbox.Pending) {
	return func(w *frames.Writer, c *outbox.Pending) { writeCommand(f, w, *p.outbox.Was(c)) }
}

// What an outstanding command begins with.
const (
	anyCommand   = iota
	startCommand // a StartTask follows, by its members: nothing else is outstanding so often
)

func writeCommand(f *frames.Format, w *frames.Writer, p outbox.Pending) {
	start, ok := p.Command.Command.(message.StartTask)
	if !ok {
		w.Uint(anyCommand)
		f.Write(w, reflect.ValueOf(p))
		return
	}
	p.Command = message.SealedCommand{}
	w.Uint(startCommand)
	f.Write(w, reflect.ValueOf(p))
	f.Write(w, reflect.ValueOf(start))
}

func readCommand(f *frames.Format, r *frames.Reader) (*outbox.Pending, error) {
	kind, p := r.Uint(), &outbox.Pending{}
	if err := f.Read(r, reflect.ValueOf(p).Elem()); err != nil || kind != startCommand {
		return p, err
	}
	var start message.StartTask
	err := f.Read(r, reflect.ValueOf(&start).Elem())
	p.Command.Command = start
	return p, err
}

// snapshotFormat returns how chunks are written, and its name.
func snapshotFormat() (*frames.Format, string) {
	f := frames.New(reflect.TypeFor[lifecycle.Task]())
	f.Share(reflect.TypeFor[ecs.TaskDefinition]()) // of the StartTask of each task of a service
	return f, fmt.Sprintf("2-%016x", f.Form(reflect.TypeFor[document]()))
}

// Save begins a Snapshot of the plane as it is between two inputs. Next returns its chunks, before and
// after further inputs: they hold what was when Save was called. What holds for State holds for it: call
// it after Advance. A plane takes one Snapshot at a time; what is left of another is written first.
func (p *Plane) Save() *Saving {
	if p.saving != nil {
		p.saving.finish()
	}
	format, name := snapshotFormat()
	s := &Saving{plane: p, format: format, snapshot: Snapshot{Format: name, Rules: Rules, Sequence: p.state.Records}}
	number := map[*fleet.Cluster]int{}
	for i, c := range p.fleet.Clusters {
		number[c] = i
		s.lists = append(s.lists,
			saved(chunkInstances, i, slices.Clone(c.Instances), p.beginInstances),
			p.savedServices(i, slices.Clone(p.services.In(c))),
			saved(chunkTasks, i, slices.Collect(p.tasks.In(c)), p.beginTasks))
	}
	for _, list := range s.lists {
		s.snapshot.Weight += list.length
	}
	s.lists = append(s.lists, saved(chunkOutstanding, 0, p.outbox.Pending(), p.beginCommands))
	s.document = p.outline().json()
	s.snapshot.Chunks = s.all
	p.saving = s
	p.fleet.Keep()
	p.tasks.Keep()
	p.outbox.Keep()
	p.services.Keep(func(x *services.Service) []byte {
		w := s.begin(chunkServices, number[x.Cluster], 1, 0)
		format.Write(w, reflect.ValueOf(x))
		return w.Bytes()
	})
	return s
}

// Stop gives a snapshot up that is not whole, if it is not. Next returns nil then.
func (s *Saving) Stop() {
	s.document, s.lists, s.early = nil, nil, nil
	s.ended = true
	s.leave()
}

// leave ends what the plane does for the snapshot.
func (s *Saving) leave() {
	if p := s.plane; p.saving == s {
		p.saving = nil
		p.fleet.Let()
		p.tasks.Let()
		p.outbox.Let()
		p.services.Let()
	}
}

// finish writes all chunks that are left.
func (s *Saving) finish() {
	var chunks [][]byte
	for chunk := s.Next(chunkSize); chunk != nil; chunk = s.Next(chunkSize) {
		chunks = append(chunks, chunk)
	}
	s.early = chunks
	s.leave()
}

// Snapshot returns what is being taken. Its Chunks are what Next returns.
func (s *Saving) Snapshot() Snapshot { return s.snapshot }

// all yields the chunks that are left.
func (s *Saving) all(yield func([]byte, error) bool) {
	for chunk := s.Next(chunkSize); chunk != nil; chunk = s.Next(chunkSize) {
		if !yield(chunk, nil) {
			return
		}
	}
}

// chunkSize is how many values a chunk has.
const chunkSize = 1024

// Next returns the next chunk, of at most n values unless it was made before, and nil behind the last.
func (s *Saving) Next(n int) []byte {
	for len(s.lists) > 0 && s.at == s.lists[0].length {
		s.lists, s.at = s.lists[1:], 0
	}
	w := &frames.Writer{}
	switch {
	case s.document != nil:
		w.Uint(chunkDocument)
		chunk := append(w.Bytes(), s.document...)
		s.document = nil
		return chunk
	case len(s.early) > 0:
		chunk := s.early[0]
		s.early = s.early[1:]
		return chunk
	case len(s.lists) > 0:
		chunk, written := s.chunk(s.lists[0], s.at, max(n, 1))
		s.at += written
		s.room = len(chunk)
		return chunk
	case !s.ended:
		s.ended = true
		s.leave()
		w.Uint(chunkEnd)
		w.Uint(uint64(s.snapshot.Weight))
		return w.Bytes()
	}
	return nil
}

// chunk writes at most n values of a list from the given one on, and returns how many they are. A value of which
// a chunk was made before it changed is alone there.
func (s *Saving) chunk(list savedList, from, n int) (chunk []byte, written int) {
	n = min(n, list.length-from)
	if list.held != nil {
		if list.held(from) {
			return list.early(from), 1
		}
		for i := 1; i < n; i++ {
			if list.held(from + i) {
				n = i
			}
		}
	}
	w := s.begin(list.kind, list.cluster, n, s.room+s.room/8)
	write := list.begin(s.format)
	for i := range n {
		write(w, from+i)
	}
	return w.Bytes(), n
}

// begin begins a chunk of n values of a cluster, with room for so many bytes.
func (s *Saving) begin(kind, cluster, n, room int) *frames.Writer {
	w := &s.writer
	w.Again(room)
	w.Uint(uint64(kind))
	w.Uint(uint64(cluster))
	w.Uint(uint64(n))
	return w
}

// RestoreSnapshot returns the plane that a Snapshot was taken from, as Restore does.
func RestoreSnapshot(s Snapshot, config Config) (*Plane, error) {
	format, name := snapshotFormat()
	if s.Format != name {
		return nil, fmt.Errorf("control: the snapshot has format %s, this version reads %s: "+
			"take a State with the version that wrote it", s.Format, name)
	}
	loaded := loading{format: format, document: &document{Registry: &registry.Registry{}, ahead: s.Ahead}}
	for chunk, err := range s.Chunks {
		if err != nil {
			return nil, err
		}
		if err := loaded.add(chunk); err != nil {
			return nil, fmt.Errorf("control: chunk %d of the snapshot: %w", loaded.chunks, err)
		}
		loaded.chunks++
	}
	if !loaded.ended {
		return nil, fmt.Errorf("control: the snapshot ends after chunk %d, which is not its last", loaded.chunks)
	}
	return restore(loaded.document, config)
}

// loading is a document that is being read.
type loading struct {
	format   *frames.Format
	document *document
	chunks   int
	weight   int
	ended    bool
}

func (l *loading) add(chunk []byte) error {
	r := frames.NewReader(chunk)
	kind := r.Uint()
	switch {
	case l.ended:
		return fmt.Errorf("it is behind the last")
	case (kind == chunkDocument) != (l.chunks == 0):
		return fmt.Errorf("it is of kind %d", kind)
	case kind == chunkDocument:
		return json.Unmarshal(r.Rest(), l.document)
	case kind == chunkEnd:
		l.ended = true
		if weight := r.Uint(); weight != uint64(l.weight) {
			return fmt.Errorf("%d tasks, container instances and services were written, %d read", weight, l.weight)
		}
		return r.End()
	}
	cluster, n := r.Uint(), r.Uint()
	if kind == chunkOutstanding {
		return takeAll(r, n, &l.document.Outstanding,
			func() (*outbox.Pending, error) { return readCommand(l.format, r) })
	}
	if cluster >= uint64(len(l.document.Clusters)) {
		return fmt.Errorf("it is of cluster %d of %d", cluster, len(l.document.Clusters))
	}
	l.weight += int(min(n, uint64(len(chunk))))
	switch c := &l.document.Clusters[cluster]; kind {
	case chunkInstances:
		return take(l.format, r, n, &c.Instances)
	case chunkServices:
		return take(l.format, r, n, &c.Services)
	case chunkTasks:
		c.saved = append(c.saved, savedTasks{bytes.Clone(chunk), int(min(n, uint64(len(chunk))/leastOfTask))})
		return r.Err()
	}
	return fmt.Errorf("it is of kind %d", kind)
}

// leastOfTask is how many bytes of a chunk a task takes at least: an ID alone takes as many.
const leastOfTask = 16

// take reads the n values of a chunk.
func take[T any](f *frames.Format, r *frames.Reader, n uint64, list *[]T) error {
	return takeAll(r, n, list, func() (v T, err error) {
		err = f.Read(r, reflect.ValueOf(&v).Elem())
		return v, err
	})
}

// takeAll reads n values of a chunk, and no more.
func takeAll[T any](r *frames.Reader, n uint64, list *[]T, read func() (T, error)) error {
	for ; n > 0 && r.More(); n-- {
		v, err := read()
		if err != nil {
			return err
		}
		*list = append(*list, v)
	}
	if n > 0 {
		return fmt.Errorf("%d values are missing", n)
	}
	return r.End()
}
