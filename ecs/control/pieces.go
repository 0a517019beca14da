package control

import (
	"fmt"
	"iter"
	"reflect"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/frames"
	"github.com/bayplan/bayplan/ecs/control/internal/written"
)

// Piece is a part of a Snapshot that was decoded.
type Piece struct{ tasks []written.Chunked }

// savedTasks is a chunk of tasks.
type savedTasks struct {
	chunk []byte
	n     int // how many there are
}

// length returns how many tasks the cluster has.
func (d *clusterDocument) length() int {
	n := len(d.Tasks)
	for _, saved := range d.saved {
		n += saved.n
	}
	return n
}

// takeTasks yields the tasks of a cluster, in order of creation, until one of them cannot be read.
func (d *document) takeTasks(cluster int, yield func(*written.Chunked) bool) error {
	for _, t := range d.Clusters[cluster].Tasks {
		if !yield(&written.Chunked{Whole: t}) {
			return nil
		}
	}
	pieces := d.pieces(cluster)
	if d.ahead != nil {
		pieces = d.ahead(pieces)
	}
	for piece, err := range pieces {
		if err != nil {
			return err
		}
		for i := range piece.tasks {
			if !yield(&piece.tasks[i]) {
				return nil
			}
		}
	}
	return nil
}

// pieces yields the tasks of a cluster chunk by chunk, looked over. It forgets each chunk as it goes on: the tasks that
// are made of it take its place in memory.
func (d *document) pieces(cluster int) iter.Seq2[Piece, error] {
	return func(yield func(Piece, error) bool) {
		format, _ := snapshotFormat()
		look := lookPiece{groups: d.groupNames(), cluster: cluster}
		look.bad = func(path, format string, args ...any) {
			look.faults = append(look.faults, ecs.Fault(ecs.SerializationException, path, fmt.Sprintf(format, args...)))
		}
		chunks := d.Clusters[cluster].saved
		for n := range chunks {
			piece, err := readPiece(format, chunks[n].chunk)
			if err != nil {
				err = fmt.Errorf("clusters[%d], chunk %d of its tasks: %w", cluster, n, err)
			} else {
				look.over(piece)
				err = look.faults.Err()
			}
			chunks[n].chunk = nil
			if !yield(piece, err) || err != nil {
				return
			}
		}
	}
}

func readPiece(format *frames.Format, chunk []byte) (p Piece, err error) {
	r := frames.NewReader(chunk)
	_, _, n := r.Uint(), r.Uint(), r.Uint() // add has looked at its kind and cluster
	of := written.NewChunkReader(format)
	p.tasks = make([]written.Chunked, 0, min(n, uint64(len(chunk))/leastOfTask))
	for ; n > 0 && r.More(); n-- {
		p.tasks = append(p.tasks, written.Chunked{})
		if err := p.tasks[len(p.tasks)-1].Read(of, r); err != nil {
			return Piece{}, err
		}
	}
	if n > 0 {
		return Piece{}, fmt.Errorf("%d values are missing", n)
	}
	return p, r.End()
}

// lookPiece looks the tasks of a cluster over: plain ones once a kind.
type lookPiece struct {
	lookOver
	faults  ecs.ErrorList
	groups  map[string]bool
	cluster int
	seen    int           // tasks before
	last    *written.Kind // those of a kind mostly come one behind the other
}

func (l *lookPiece) over(p Piece) {
	for i := range p.tasks {
		t, at := &p.tasks[i], place{"clusters[%d].tasks[%d]", l.cluster, l.seen}
		l.seen++
		switch {
		case t.Whole != nil: // that IDs differ is seen when tasks are restored
			l.under(at.String(), reflect.ValueOf(t.Whole).Elem())
			wrongTargets(t.Whole, at, l.groups, l.bad)
		case t.Kind != l.last:
			l.last = t.Kind
			l.under(at.String(), reflect.ValueOf(&t.Kind.Document).Elem())
		}
	}
}
