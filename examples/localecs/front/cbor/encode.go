package cbor

import (
	"encoding/binary"
	"math"
	"strings"
	"time"

	"github.com/bayplan/bayplan/examples/localecs/front/shape"
)

// Encode returns an answer as CBOR, each length definite. Members without a value are left out; a time is
// its seconds since 1970 behind tag 1.
func Encode(v shape.Value) []byte { return appendValue(nil, v) }

// appendHead appends the first byte of an item and its argument, in as few bytes as it takes.
func appendHead(b []byte, major byte, n uint64) []byte {
	switch {
	case n < oneByte:
		return append(b, major<<5|byte(n))
	case n <= math.MaxUint8:
		return append(b, major<<5|oneByte, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, major<<5|oneByte+1), uint16(n))
	case n <= math.MaxUint32:
		return binary.BigEndian.AppendUint32(append(b, major<<5|oneByte+2), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, major<<5|eightBytes), n)
}

// appendText appends a text. What is not UTF-8 becomes U+FFFD.
func appendText(b []byte, s string) []byte {
	s = strings.ToValidUTF8(s, "\uFFFD")
	return append(appendHead(b, majorText, uint64(len(s))), s...)
}

func appendValue(b []byte, v shape.Value) []byte {
	switch v := v.(type) {
	case bool:
		if v {
			return append(b, 0xf5)
		}
		return append(b, 0xf4)
	case int64:
		if v < 0 {
			return appendHead(b, majorNegative, uint64(-1-v))
		}
		return appendHead(b, majorUnsigned, uint64(v))
	case uint64:
		return appendHead(b, majorUnsigned, v)
	case float64:
		return binary.BigEndian.AppendUint64(append(b, majorSimple<<5|eightBytes), math.Float64bits(v))
	case string:
		return appendText(b, v)
	case []byte:
		return append(appendHead(b, majorBytes, uint64(len(v))), v...)
	case time.Time:
		seconds := float64(v.Unix()) + float64(v.Nanosecond())/1e9
		return appendValue(appendHead(b, majorTag, 1), seconds)
	case shape.List:
		b = appendHead(b, majorList, uint64(len(v)))
		for _, item := range v {
			b = appendValue(b, item)
		}
		return b
	case shape.Structure:
		n := uint64(0)
		for _, m := range v {
			if m.Value != nil {
				n++
			}
		}
		b = appendHead(b, majorMap, n)
		for _, m := range v {
			if m.Value != nil {
				b = appendValue(appendText(b, m.Name), m.Value)
			}
		}
		return b
	}
	return append(b, 0xf6)
}
