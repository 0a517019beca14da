// Package cbor speaks the bodies of the protocol Smithy RPC v2 CBOR: each request and each answer is one
// CBOR map. The AWS SDK for Go uses it to call CloudWatch.
//
// A request becomes JSON, which the JSON reader then checks. Only the kinds of values that the protocol
// has are read: integers, floating-point numbers of each width, strings, bytes (as base64), lists, maps
// with strings as keys, booleans, null, and tag 1, seconds since 1970. Lengths may be definite or not.
//
// Source: Smithy 2.0, "Smithy RPC v2 CBOR protocol"; RFC 8949.
package cbor

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/bayplan/bayplan/ecs"
)

// maxDepth is how deep lists, maps and tags may nest.
const maxDepth = 64

// The major types of CBOR.
const (
	majorUnsigned = iota
	majorNegative
	majorBytes
	majorText
	majorList
	majorMap
	majorTag
	majorSimple
)

// The additional information of an item's first byte.
const (
	oneByte    = 24
	eightBytes = 27
	indefinite = 31
	stop       = 0xff
)

// Document returns a body of CBOR as JSON; an empty body is an empty map. It fails with a
// SerializationException that names the offset of the byte at fault. It takes time and memory linear in
// the length of the body, whatever lengths the body claims.
func Document(body []byte) (document []byte, err error) {
	if len(body) == 0 {
		return []byte("{}"), nil
	}
	d := decoder{data: body}
	if body[0]>>5 != majorMap {
		return nil, d.fault("a body is a map")
	}
	if err := d.item(0); err != nil {
		return nil, err
	}
	if d.at != len(body) {
		return nil, d.fault("something comes after the map")
	}
	return d.out.Bytes(), nil
}

// decoder reads one item after the other and writes JSON.
type decoder struct {
	data []byte
	at   int
	out  bytes.Buffer
}

func (d *decoder) fault(what string) error {
	return ecs.Fault(ecs.SerializationException, "", fmt.Sprintf("The body is not CBOR of this protocol at byte "+
		"%d: %s.", d.at, what))
}

// head reads the first byte of an item, and its argument. Of an indefinite length the argument is 0.
func (d *decoder) head() (major, info byte, argument uint64, err error) {
	if d.at >= len(d.data) {
		return 0, 0, 0, d.fault("it ends early")
	}
	first := d.data[d.at]
	major, info = first>>5, first&31
	switch {
	case info < oneByte:
		d.at++
		return major, info, uint64(info), nil
	case info <= eightBytes:
		n := 1 << (info - oneByte)
		if len(d.data)-d.at-1 < n {
			return 0, 0, 0, d.fault("it ends early")
		}
		var wide [8]byte
		copy(wide[8-n:], d.data[d.at+1:d.at+1+n])
		d.at += 1 + n
		return major, info, binary.BigEndian.Uint64(wide[:]), nil
	case info == indefinite && major != majorUnsigned && major != majorNegative && major != majorTag:
		d.at++
		return major, info, 0, nil
	}
	return 0, 0, 0, d.fault("such a length does not exist")
}

// item reads one item.
func (d *decoder) item(depth int) error {
	if depth > maxDepth {
		return d.fault(fmt.Sprintf("it nests deeper than %d levels", maxDepth))
	}
	start := d.at
	major, info, n, err := d.head()
	if err != nil {
		return err
	}
	switch major {
	case majorUnsigned:
		d.out.WriteString(strconv.FormatUint(n, 10))
	case majorNegative:
		d.negative(n)
	case majorBytes, majorText:
		s, err := d.chunks(major, info, n)
		if err != nil {
			return err
		}
		if major == majorBytes {
			s = base64.StdEncoding.AppendEncode(nil, s)
		}
		return d.text(s)
	case majorList:
		return d.list(info, n, depth)
	case majorMap:
		return d.table(info, n, depth)
	case majorTag:
		return d.tagged(n, depth)
	case majorSimple:
		return d.simple(start, info, n)
	}
	return nil
}

// negative writes -1-n, which may be one more than 64 bits hold.
func (d *decoder) negative(n uint64) {
	if n == math.MaxUint64 {
		d.out.WriteString("-18446744073709551616")
		return
	}
	d.out.WriteString("-" + strconv.FormatUint(n+1, 10))
}

// chunks returns the bytes of a text or of bytes, of one length or in chunks.
func (d *decoder) chunks(major, info byte, n uint64) ([]byte, error) {
	if info != indefinite {
		return d.take(n)
	}
	var all []byte
	for !d.stopped() {
		chunk, more, n, err := d.head()
		if err != nil {
			return nil, err
		}
		if chunk != major || more == indefinite {
			return nil, d.fault("a chunk is of another kind")
		}
		part, err := d.take(n)
		if err != nil {
			return nil, err
		}
		if major == majorText && !utf8.Valid(part) {
			return nil, d.fault("a text is not UTF-8")
		}
		all = append(all, part...)
	}
	return all, nil
}

// take returns the next n bytes, if there are so many.
func (d *decoder) take(n uint64) ([]byte, error) {
	if n > uint64(len(d.data)-d.at) {
		return nil, d.fault("it ends early")
	}
	part := d.data[d.at : d.at+int(n)]
	d.at += int(n)
	return part, nil
}

// stopped reads the end of an item of indefinite length, if it is next.
func (d *decoder) stopped() bool {
	if d.at < len(d.data) && d.data[d.at] == stop {
		d.at++
		return true
	}
	return false
}

// text writes a text.
func (d *decoder) text(s []byte) error {
	if !utf8.Valid(s) {
		return d.fault("a text is not UTF-8")
	}
	data, err := json.Marshal(string(s))
	d.out.Write(data)
	return err
}

// each calls a function for each of n items, or until the stop.
func (d *decoder) each(info byte, n uint64, item func() error) error {
	for i := uint64(0); info == indefinite && !d.stopped() || info != indefinite && i < n; i++ {
		if i > 0 {
			d.out.WriteByte(',')
		}
		if err := item(); err != nil {
			return err
		}
	}
	return nil
}

func (d *decoder) list(info byte, n uint64, depth int) error {
	d.out.WriteByte('[')
	err := d.each(info, n, func() error { return d.item(depth + 1) })
	d.out.WriteByte(']')
	return err
}

func (d *decoder) table(info byte, n uint64, depth int) error {
	d.out.WriteByte('{')
	err := d.each(info, n, func() error {
		if d.at < len(d.data) && d.data[d.at]>>5 != majorText {
			return d.fault("the key of a map is a text")
		}
		if err := d.item(depth + 1); err != nil {
			return err
		}
		d.out.WriteByte(':')
		return d.item(depth + 1)
	})
	d.out.WriteByte('}')
	return err
}

// tagged reads what stands behind a tag: only a time, a number of seconds, has one.
func (d *decoder) tagged(tag uint64, depth int) error {
	const epoch = 1
	if tag != epoch {
		return d.fault(fmt.Sprintf("tag %d is not one of this protocol", tag))
	}
	if d.at < len(d.data) {
		switch major, info := d.data[d.at]>>5, d.data[d.at]&31; {
		case major == majorUnsigned, major == majorNegative, major == majorSimple && info > oneByte &&
			info <= eightBytes:
			return d.item(depth + 1)
		}
	}
	return d.fault("a time is a number of seconds")
}

// simple reads false, true, null and floating-point numbers.
func (d *decoder) simple(start int, info byte, n uint64) error {
	const (
		no = 20 + iota
		yes
		null
		undefined
	)
	const half, single = 25, 26
	var f float64
	switch info {
	case no, yes:
		d.out.WriteString(strconv.FormatBool(info == yes))
		return nil
	case null, undefined:
		d.out.WriteString("null")
		return nil
	case half:
		f = halfFloat(uint16(n))
	case single:
		f = float64(math.Float32frombits(uint32(n)))
	case eightBytes:
		f = math.Float64frombits(n)
	default:
		d.at = start
		return d.fault("such a simple value does not exist")
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		d.at = start
		return d.fault("a number is not finite")
	}
	data, err := json.Marshal(f)
	d.out.Write(data)
	return err
}

// halfFloat is a floating-point number of 16 bits. Source: RFC 8949, appendix D.
func halfFloat(h uint16) float64 {
	exponent, mantissa := int(h>>10&31), float64(h&1023)
	var f float64
	switch exponent {
	case 0:
		f = math.Ldexp(mantissa, -24)
	case 31:
		f = math.Inf(1)
		if mantissa != 0 {
			f = math.NaN()
		}
	default:
		f = math.Ldexp(mantissa+1024, exponent-25)
	}
	if h>>15 == 1 {
		return -f
	}
	return f
}
