package journal

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math"
	"strconv"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
)

const (
	magic       = "bayplan journal\n"
	frameHeader = 12 // length, checksum of the content, checksum of these two
)

// The formats of a file: in the first the state is one frame of JSON, in the second it is in chunks.
const (
	formatJSON   = 1
	formatChunks = 2
)

// What a frame of the state begins with in formatChunks; frames of records begin as JSON does.
const (
	isChunk = 1
	isLast  = 2 // nothing else is in it
)

func checksum(b []byte) uint32 { return crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli)) }

// head is the first frame of a file.
type head struct {
	Format   int    `json:"format"`
	Rules    string `json:"rules"`
	Sequence uint64 `json:"sequence"`         // of the last record that the state contains
	Chunks   string `json:"chunks,omitzero"`  // their format, as the snapshot names it
	Weight   int    `json:"weight,omitempty"` // of the snapshot
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

// appendChunk appends the frame of a chunk of the state.
func appendChunk(b []byte, kind byte, chunk []byte) ([]byte, error) {
	begin := len(b)
	return endFrame(append(append(beginFrame(b), kind), chunk...), begin)
}

// appendRecords appends the frame of one Append: a line of JSON for each record.
func appendRecords(b []byte, records []control.Record) ([]byte, error) {
	begin := len(b)
	b = beginFrame(b)
	var at instantText
	for _, r := range records {
		var err error
		if b, err = appendRecord(b, r, &at); err != nil {
			return nil, fmt.Errorf("journal: record %d: %w", r.Sequence, err)
		}
	}
	return endFrame(b, begin)
}

// What stands around the values of a record whose Op needs no escapes.
const (
	beforeSequence = `{"sequence":`
	beforeAt       = `,"at":`
	beforeOp       = `,"op":"`
	beforeInput    = `","input":`
	behindInput    = "}\n"
)

// instantText is an instant in JSON: records of one frame mostly share it.
type instantText struct {
	at   ecs.Instant
	text []byte
}

func (t *instantText) of(at ecs.Instant) (text []byte, err error) {
	if t.text == nil || t.at != at {
		t.at = at
		t.text, err = at.MarshalJSON()
	}
	return t.text, err
}

// appendRecord appends a record, and the end of its line.
func appendRecord(b []byte, r control.Record, instant *instantText) ([]byte, error) {
	line := plainJSON(r.Input) || json.Valid(r.Input) && bytes.IndexByte(r.Input, '\n') < 0
	if !named(r.Op) || !line {
		buffer := bytes.NewBuffer(b)
		lines := json.NewEncoder(buffer)
		lines.SetEscapeHTML(false)
		err := lines.Encode(r)
		return buffer.Bytes(), err
	}
	b = strconv.AppendUint(append(b, beforeSequence...), r.Sequence, 10)
	at, err := instant.of(r.At)
	if err != nil {
		return b, err
	}
	b = append(append(b, beforeAt...), at...)
	b = append(append(b, beforeOp...), r.Op...)
	b = append(append(b, beforeInput...), r.Input...)
	return append(b, behindInput...), nil
}

// named reports whether a text is letters, as the names of operations are.
func named(op string) bool {
	for i := range len(op) {
		if c := op[i] | 0x20; (c < 'a' || c > 'z') && op[i] != ':' && op[i] != '-' {
			return false
		}
	}
	return op != ""
}

// readRecord reads a line that appendRecord wrote.
func readRecord(line []byte) (r control.Record, err error) {
	if r, ok := plainRecord(line); ok {
		return r, nil
	}
	err = json.Unmarshal(line, &r)
	return r, err
}

// plainRecord is readRecord for a line that is as appendRecord writes it without help. That the Input is JSON is
// for its reader to see.
func plainRecord(line []byte) (r control.Record, ok bool) {
	sequence, rest, ok := between(line, beforeSequence, beforeAt)
	if !ok {
		return r, false
	}
	at, rest, ok := bytes.Cut(rest, []byte(beforeOp))
	if !ok {
		return r, false
	}
	op, rest, ok := bytes.Cut(rest, []byte(beforeInput))
	input, whole := bytes.CutSuffix(rest, []byte(behindInput))
	if !ok || !whole || !named(string(op)) {
		return r, false
	}
	n, err := strconv.ParseUint(string(sequence), 10, 64)
	if err != nil || r.At.UnmarshalJSON(at) != nil {
		return control.Record{}, false
	}
	r.Sequence, r.Op, r.Input = n, string(op), bytes.Clone(input)
	return r, true
}

// between cuts a line that begins with a text behind the next of another.
func between(line []byte, begin, end string) (part, rest []byte, ok bool) {
	rest, ok = bytes.CutPrefix(line, []byte(begin))
	if !ok {
		return nil, nil, false
	}
	return bytes.Cut(rest, []byte(end))
}
