package journal

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math"

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
