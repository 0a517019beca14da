package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/examples/jetstream/stream"
)

// The kinds of messages.
const (
	kindClaim    = "claim"
	kindRecords  = "records"
	kindSnapshot = "snapshot"
)

// header is the first line of a message.
type header struct {
	Term       uint64 `json:"term"`
	Controller string `json:"controller,omitzero"` // of a claim
	Rules      string `json:"rules"`               // by which the writer decides

	State *control.State `json:"state,omitzero"` // of the first claim: the plane that all begin with

	First uint64 `json:"first,omitzero"` // of records
	Last  uint64 `json:"last,omitzero"`
	Part  int    `json:"part,omitzero"` // from 1; 0: the records are whole
	Of    int    `json:"of,omitzero"`

	Snapshot *reference `json:"snapshot,omitzero"`
}

// reference names a snapshot.
type reference struct {
	Object   string `json:"object"`
	Format   string `json:"format"`
	Rules    string `json:"rules"`
	Record   uint64 `json:"record"` // the last that it contains
	Weight   int    `json:"weight"`
	Digest   string `json:"sha256"`
	From     uint64 `json:"from"`              // the message behind which the records that it lacks begin
	Previous uint64 `json:"previous,omitzero"` // the message of the snapshot before it
}

// encode returns the data of a message.
func (h header) encode(body []byte) ([]byte, error) {
	line, err := json.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("journal: %w", err)
	}
	return append(append(line, '\n'), body...), nil
}

// decode splits the data of a message.
func decode(m stream.Message) (h header, body []byte, err error) {
	line, body, ok := bytes.Cut(m.Data, []byte("\n"))
	if !ok {
		return h, nil, fmt.Errorf("journal: message %d has no header", m.Sequence)
	}
	if err := json.Unmarshal(line, &h); err != nil {
		return h, nil, fmt.Errorf("journal: message %d: %w", m.Sequence, err)
	}
	if h.Term == 0 {
		return h, nil, fmt.Errorf("journal: message %d has no term", m.Sequence)
	}
	return h, body, nil
}

// encodeRecords returns records as lines of JSON.
func encodeRecords(records []control.Record) ([]byte, error) {
	var body []byte
	for _, r := range records {
		line, err := json.Marshal(r)
		if err != nil {
			return nil, fmt.Errorf("journal: record %d: %w", r.Sequence, err)
		}
		body = append(append(body, line...), '\n')
	}
	return body, nil
}

// decodeRecords reads lines of JSON.
func decodeRecords(body []byte) (records []control.Record, err error) {
	for len(body) > 0 {
		line, rest, ok := bytes.Cut(body, []byte("\n"))
		if !ok {
			return nil, errors.New("journal: the last record is not whole")
		}
		var r control.Record
		if err := json.Unmarshal(line, &r); err != nil {
			return nil, fmt.Errorf("journal: %w", err)
		}
		records, body = append(records, r), rest
	}
	return records, nil
}

// split cuts the records of one Append into messages of at most limit bytes.
func split(h header, body []byte, limit int) ([][]byte, error) {
	whole, err := h.encode(body)
	if err != nil || len(whole) <= limit {
		return [][]byte{whole}, err
	}
	room := limit - 512 // of a header with its numbers
	if room < 1 {
		return nil, fmt.Errorf("journal: messages of %d bytes are too small", limit)
	}
	h.Of = (len(body) + room - 1) / room
	var parts [][]byte
	for h.Part = 1; h.Part <= h.Of; h.Part++ {
		part, err := h.encode(body[(h.Part-1)*room : min(h.Part*room, len(body))])
		if err != nil {
			return nil, err
		}
		parts = append(parts, part)
	}
	return parts, nil
}
