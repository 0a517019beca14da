package journal

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"iter"
	"math"

	"github.com/bayplan/bayplan/ecs/control"
)

const (
	magic       = "bayplan journal\n"
	format      = 1
	frameHeader = 12 // length, checksum of the content, checksum of these two
)

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// head is the first frame of a file.
type head struct {
	Format   int    `json:"format"`
	Rules    string `json:"rules"`
	Sequence uint64 `json:"sequence"` // of the last record that the state contains
}

// CorruptError says where a journal is damaged.
type CorruptError struct {
	Path   string
	Offset int64 // of the frame, from the beginning of the file
	Reason string
}

// Error names the file, the offset and what is wrong there.
func (e *CorruptError) Error() string {
	return fmt.Sprintf("journal: %s is damaged at offset %d: %s", e.Path, e.Offset, e.Reason)
}

// beginFrame makes room for a frame's header; endFrame fills it in, once the content has
// been appended.
func beginFrame(b []byte) []byte { return append(b, make([]byte, frameHeader)...) }

func endFrame(b []byte, begin int) ([]byte, error) {
	content := b[begin+frameHeader:]
	if uint64(len(content)) > math.MaxUint32 {
		return nil, fmt.Errorf("journal: %d bytes are too many for a frame", len(content))
	}
	binary.LittleEndian.PutUint32(b[begin:], uint32(len(content)))
	binary.LittleEndian.PutUint32(b[begin+4:], checksum(content))
	binary.LittleEndian.PutUint32(b[begin+8:], checksum(b[begin:begin+8]))
	return b, nil
}

func appendJSONFrame(b []byte, v any) ([]byte, error) {
	content, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	begin := len(b)
	return endFrame(append(beginFrame(b), content...), begin)
}

// appendRecords appends the frame of one Append.
func appendRecords(b []byte, records []control.Record) ([]byte, error) {
	begin := len(b)
	buffer := bytes.NewBuffer(beginFrame(b))
	lines := json.NewEncoder(buffer)
	lines.SetEscapeHTML(false)
	for _, r := range records {
		if err := lines.Encode(r); err != nil {
			return nil, fmt.Errorf("journal: record %d: %w", r.Sequence, err)
		}
	}
	return endFrame(buffer.Bytes(), begin)
}

// frameAt returns the content of the frame that begins at offset, or why there is none.
func frameAt(data []byte, offset int) (content []byte, reason string) {
	rest := data[offset:]
	if len(rest) < frameHeader {
		return nil, "the file ends within a frame's header"
	}
	if checksum(rest[:8]) != binary.LittleEndian.Uint32(rest[8:]) {
		return nil, "the checksum of a frame's header is wrong"
	}
	length := binary.LittleEndian.Uint32(rest)
	if uint64(length) > uint64(len(rest)-frameHeader) {
		return nil, "the file ends within a frame"
	}
	content = rest[frameHeader : frameHeader+int(length)]
	if checksum(content) != binary.LittleEndian.Uint32(rest[4:]) {
		return nil, "the checksum of a frame's content is wrong"
	}
	return content, ""
}

// file is what a journal file contains.
type file struct {
	path   string
	head   head
	state  control.State
	data   []byte
	first  int // offset of the first frame of records
	end    int // offset behind the last whole frame; what follows cannot be read
	frames int // of records
	last   uint64
	count  int // records
}

// read takes a file apart. Frames of records are checked here and decoded by records.
func read(path string, data []byte) (*file, error) {
	f := &file{path: path, data: data}
	if !bytes.HasPrefix(data, []byte(magic)) {
		return nil, f.corrupt(0, "it does not begin as a journal does")
	}
	offset := len(magic)
	for _, into := range []any{&f.head, &f.state} {
		content, reason := frameAt(data, offset)
		if reason != "" {
			return nil, f.corrupt(offset, reason)
		}
		if err := json.Unmarshal(content, into); err != nil {
			return nil, f.corrupt(offset, err.Error())
		}
		if f.head.Format != format {
			return nil, fmt.Errorf("journal: %s has format %d, this version reads %d", path, f.head.Format, format)
		}
		offset += frameHeader + len(content)
	}
	if f.head.Rules != f.state.Rules {
		return nil, f.corrupt(len(magic), "the rules of its state are others")
	}
	f.first, f.last = offset, f.head.Sequence
	for offset < len(data) {
		content, reason := frameAt(data, offset)
		if reason != "" {
			if frameAfter(data, offset) {
				return nil, f.corrupt(offset, reason)
			}
			break
		}
		f.frames++
		offset += frameHeader + len(content)
	}
	f.end = offset
	return f, nil
}

// frameAfter reports whether the header of a frame is anywhere behind offset, whatever has become
// of the frame: then what is at offset was not the last that was written.
func frameAfter(data []byte, offset int) bool {
	for o := offset + 1; o <= len(data)-frameHeader; o++ {
		header := data[o : o+frameHeader]
		if binary.LittleEndian.Uint32(header) > 0 && checksum(header[:8]) == binary.LittleEndian.Uint32(header[8:]) {
			return true
		}
	}
	return false
}

func (f *file) corrupt(offset int, reason string) error {
	return &CorruptError{Path: f.path, Offset: int64(offset), Reason: reason}
}

// records yields the records in order. Once it has come to its end, last and count are known.
func (f *file) records() iter.Seq2[control.Record, error] {
	return func(yield func(control.Record, error) bool) {
		f.last, f.count = f.head.Sequence, 0
		for offset := f.first; offset < f.end; {
			content, _ := frameAt(f.data, offset)
			for line := range bytes.Lines(content) {
				var r control.Record
				if err := json.Unmarshal(line, &r); err != nil {
					yield(r, f.corrupt(offset, err.Error()))
					return
				}
				if r.Sequence != f.last+1 {
					yield(r, f.corrupt(offset, fmt.Sprintf("record %d follows record %d", r.Sequence, f.last)))
					return
				}
				f.last = r.Sequence
				f.count++
				if !yield(r, nil) {
					return
				}
			}
			offset += frameHeader + len(content)
		}
	}
}
