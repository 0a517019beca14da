package journal

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/bayplan/bayplan/ecs/control"
)

// file is a journal file that is being read, frame by frame.
type file struct {
	path   string
	size   int64
	from   io.ReaderAt
	at     int64 // offset of the next frame
	buffer []byte
	err    error // of reading

	head   head
	state  control.State // of formatJSON
	first  int64         // offset of the first frame of records
	last   uint64        // record
	frames int           // of records
	torn   bool          // what begins at the offset at is no frame, and none is behind it
}

// read reads the beginning of a file: what the state is in, but for chunks.
func read(path string, from io.ReaderAt, size int64) (*file, error) {
	f := &file{path: path, from: from, size: size}
	if begin := f.bytes(0, min(int64(len(magic)), size)); !bytes.Equal(begin, []byte(magic)) {
		return nil, f.corrupt(0, "it does not begin as a journal does")
	}
	f.at = int64(len(magic))
	if err := f.document(&f.head); err != nil {
		return nil, err
	}
	switch f.head.Format {
	case formatJSON:
		if err := f.document(&f.state); err != nil {
			return nil, err
		}
		if f.head.Rules != f.state.Rules {
			return nil, f.corrupt(int64(len(magic)), "the rules of its state are others")
		}
	case formatChunks:
	default:
		return nil, fmt.Errorf("journal: %s has format %d, this version reads %d and %d", path, f.head.Format,
			formatJSON, formatChunks)
	}
	f.first, f.last = f.at, f.head.Sequence
	return f, nil
}

// document reads a frame of JSON, which must be whole.
func (f *file) document(into any) error {
	content, reason := f.frame()
	if reason == "" {
		if err := json.Unmarshal(content, into); err != nil {
			reason = err.Error()
		}
	}
	if reason != "" {
		return f.corrupt(f.at, reason)
	}
	f.at += int64(frameHeader + len(content))
	return nil
}

// plane restores the state.
func (f *file) plane(config control.Config) (*control.Plane, error) {
	var plane *control.Plane
	var err error
	if f.head.Format == formatJSON {
		plane, err = control.Restore(f.state, config)
		f.state = control.State{}
	} else {
		plane, err = control.RestoreSnapshot(control.Snapshot{Format: f.head.Chunks, Rules: f.head.Rules,
			Sequence: f.head.Sequence, Weight: f.head.Weight, Chunks: f.chunks,
			Ahead: piecesAhead}, config)
	}
	var corrupt *CorruptError
	if err != nil && !errors.As(err, &corrupt) {
		return nil, fmt.Errorf("journal: %s: %w", f.path, err)
	}
	return plane, err
}

// chunks yields the chunks of the state. They are synced before the file has its name, so none is torn.
func (f *file) chunks(yield func([]byte, error) bool) {
	for {
		content, reason := f.frame()
		if reason == "" && (len(content) == 0 || content[0] != isChunk && content[0] != isLast) {
			reason = "it is not a part of the state"
		}
		if reason != "" {
			yield(nil, f.corrupt(f.at, reason))
			return
		}
		f.at += int64(frameHeader + len(content))
		f.first = f.at
		if content[0] == isLast || !yield(content[1:], nil) {
			return
		}
	}
}

// records yields the records in order. Once it has come to its end, the fields of what was read are known.
func (f *file) records() iter.Seq2[control.Record, error] {
	return func(yield func(control.Record, error) bool) {
		for f.at < f.size {
			content, reason := f.frame()
			if reason != "" {
				if f.torn = !f.frameAfter(f.at) && f.err == nil; !f.torn {
					yield(control.Record{}, f.corrupt(f.at, reason))
				}
				return
			}
			for line := range bytes.Lines(content) {
				r, err := readRecord(line)
				if err != nil {
					yield(r, f.corrupt(f.at, err.Error()))
					return
				}
				if r.Sequence <= f.head.Sequence && f.last == f.head.Sequence {
					continue // its frame has others that the state does not contain
				}
				if r.Sequence != f.last+1 {
					yield(r, f.corrupt(f.at, fmt.Sprintf("record %d follows record %d", r.Sequence, f.last)))
					return
				}
				f.last = r.Sequence
				if !yield(r, nil) {
					return
				}
			}
			f.frames++
			f.at += int64(frameHeader + len(content))
		}
	}
}

// frame returns the content of the next frame, which is there until the next call, or why there is none.
func (f *file) frame() (content []byte, reason string) {
	if f.size-f.at < frameHeader {
		return nil, "the file ends within a frame's header"
	}
	header := f.bytes(f.at, frameHeader)
	if header == nil || checksum(header[:8]) != binary.LittleEndian.Uint32(header[8:]) {
		return nil, "the checksum of a frame's header is wrong"
	}
	length, sum := int64(binary.LittleEndian.Uint32(header)), binary.LittleEndian.Uint32(header[4:])
	if length > f.size-f.at-frameHeader {
		return nil, "the file ends within a frame"
	}
	content = f.bytes(f.at+frameHeader, length)
	if content == nil && length > 0 || checksum(content) != sum {
		return nil, "the checksum of a frame's content is wrong"
	}
	return content, ""
}

// bytes reads a part of the file, no more than is there; nil if it cannot be read. It is there until the
// next call.
func (f *file) bytes(at, length int64) []byte {
	if int64(cap(f.buffer)) < length {
		f.buffer = make([]byte, length)
	}
	f.buffer = f.buffer[:length]
	if _, err := f.from.ReadAt(f.buffer, at); err != nil && (err != io.EOF || at+length != f.size) {
		f.err = err
		return nil
	}
	return f.buffer
}

// frameAfter reports whether the header of a frame is anywhere behind offset, whatever has become
// of the frame: then what is at offset was not the last that was written.
func (f *file) frameAfter(offset int64) bool {
	const window = 1 << 16
	for at := offset + 1; at <= f.size-frameHeader; at += window {
		part := f.bytes(at, min(window+frameHeader-1, f.size-at))
		for o := 0; o+frameHeader <= len(part); o++ {
			header := part[o : o+frameHeader]
			length, sum := binary.LittleEndian.Uint32(header), binary.LittleEndian.Uint32(header[8:])
			if length > 0 && checksum(header[:8]) == sum {
				return true
			}
		}
	}
	return false
}

// corrupt returns what is wrong at an offset: damage, or that the file could not be read.
func (f *file) corrupt(offset int64, reason string) error {
	if f.err != nil {
		return fmt.Errorf("journal: %s: %w", f.path, f.err)
	}
	return &CorruptError{Path: f.path, Offset: offset, Reason: reason}
}
