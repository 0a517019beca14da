package frames

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"unicode/utf8"

	"github.com/bayplan/bayplan/ecs"
)

// Uint appends a number.
func (w *Writer) Uint(n uint64) { w.data = binary.AppendUvarint(w.data, n) }

// Uint reads a number.
func (r *Reader) Uint() uint64 {
	n, size := binary.Uvarint(r.data[r.at:])
	if size <= 0 {
		r.Fail(errShort)
		return 0
	}
	r.at += size
	return n
}

func (w *Writer) int(n int64) { w.data = binary.AppendVarint(w.data, n) }

// Instant appends an instant, as the distance from the one before it.
func (w *Writer) Instant(at ecs.Instant) {
	w.int(int64(at) - w.instant)
	w.instant = int64(at)
}

// Instant reads an instant.
func (r *Reader) Instant() ecs.Instant {
	r.instant += r.int()
	return ecs.Instant(r.instant)
}

func (r *Reader) int() int64 {
	n, size := binary.Varint(r.data[r.at:])
	if size <= 0 {
		r.Fail(errShort)
		return 0
	}
	r.at += size
	return n
}

// take returns the next n bytes; nil, having failed, if there are not so many.
func (r *Reader) take(n uint64) []byte {
	if n > uint64(len(r.data)-r.at) {
		r.Fail(errShort)
		return nil
	}
	taken := r.data[r.at : r.at+int(n)]
	r.at += int(n)
	return taken
}

// length reads how many elements follow, or one more: at most one for each byte that is left.
func (r *Reader) length() int {
	n := r.Uint()
	if n > uint64(len(r.data)-r.at)+1 {
		r.Fail(errShort)
		return 0
	}
	return int(n)
}

// What a text begins with; a greater number is that of a text that was there before.
const (
	literal  = iota // its length and its bytes follow
	hex32           // 16 bytes follow, which are 32 hexadecimal digits
	repeated        // the first text of the frame
)

const idLength = 32 // of the IDs of tasks and instances

// Text appends a text: its number, if the frame has it.
func (w *Writer) Text(s string) {
	if n, ok := w.texts[s]; ok {
		w.Uint(n + repeated)
		return
	}
	if w.texts == nil {
		w.texts = map[string]uint64{}
	}
	w.texts[s] = uint64(len(w.texts))
	if !isID(s) {
		w.data = binary.AppendUvarint(append(w.data, literal), uint64(len(s)))
		w.data = append(w.data, s...)
		return
	}
	w.data = append(w.data, hex32)
	for i := 0; i < idLength; i += 2 {
		w.data = append(w.data, digit(s[i])<<4|digit(s[i+1]))
	}
}

// isID reports whether a text is 32 hexadecimal digits, in lower case.
func isID(s string) bool {
	if len(s) != idLength {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

func digit(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c - 'a' + 10
}

// errText is the error of a text that no State holds.
var errText = errors.New("frames: a text is not UTF-8, or has a number that no text has")

// Text reads a text.
func (r *Reader) Text() string {
	switch n := r.Uint(); {
	case r.err != nil:
		return ""
	case n >= repeated:
		if n-repeated < uint64(len(r.texts)) {
			return r.texts[n-repeated]
		}
		r.Fail(errText)
		return ""
	case n == hex32:
		var digits [idLength]byte
		hex.Encode(digits[:], r.take(idLength/2))
		return r.kept(string(digits[:]))
	default:
		taken := r.take(r.Uint())
		if !utf8.Valid(taken) {
			r.Fail(errText)
			return ""
		}
		return r.kept(string(taken))
	}
}

func (r *Reader) kept(s string) string {
	if r.err != nil {
		return ""
	}
	r.texts = append(r.texts, s)
	return s
}
