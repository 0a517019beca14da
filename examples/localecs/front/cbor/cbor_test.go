package cbor

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/localecs/front/shape"
)

func unhex(t testing.TB, s string) []byte {
	data, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	require.NoError(t, err)
	return data
}

// TestVectors reads items of RFC 8949, appendix A, each as the member a of a map.
//
// Seen to fail: a half-precision number below the normal ones; the exponent of single precision.
func TestVectors(t *testing.T) {
	for item, want := range map[string]string{
		"00": "0", "17": "23", "1818": "24", "1903e8": "1000", "1a000f4240": "1000000",
		"1bffffffffffffffff": "18446744073709551615",
		"20":                 "-1", "3903e7": "-1000", "3bffffffffffffffff": "-18446744073709551616",
		"f90000": "0", "f98000": "-0", "f93c00": "1", "f93e00": "1.5", "f97bff": "65504",
		"f90001": "5.960464477539063e-8",
		"f90400": "0.00006103515625", "f9c400": "-4", "fa47c35000": "100000", "fa7f7fffff": "3.4028234663852886e+38",
		"fb3ff199999999999a": "1.1", "fb7e37e43c8800759c": "1e+300", "f4": "false", "f5": "true", "f6": "null",
		"f7": "null",
		"40": `""`, "4401020304": `"AQIDBA=="`, "60": `""`, "6449455446": `"IETF"`, "62c3bc": `"ü"`, "80": "[]",
		"83010203":         "[1,2,3]",
		"8301820203820405": "[1,[2,3],[4,5]]", "a0": "{}", "a26161016162820203": `{"a":1,"b":[2,3]}`,
		"5f42010243030405ff": `"AQIDBAU="`, "7f657374726561646d696e67ff": `"streaming"`, "9fff": "[]",
		"9f018202039f0405ffff":   "[1,[2,3],[4,5]]",
		"bf61610161629f0203ffff": `{"a":1,"b":[2,3]}`, "c11a514b67b0": "1363896240",
		"c1fb41d452d9ec200000": "1363896240.5",
	} {
		got, err := Document(unhex(t, "a16161"+item))
		require.NoError(t, err, item)
		require.Equal(t, `{"a":`+want+`}`, string(got), item)
	}
	got, err := Document(nil)
	require.NoError(t, err)
	require.Equal(t, "{}", string(got))
}

// TestRefused says at which byte a body is wrong.
//
// Seen to fail: the length of a list taken for granted; a text with half a character.
func TestRefused(t *testing.T) {
	for body, want := range map[string]string{
		"01":                                "at byte 0: a body is a map",
		"a0a0":                              "at byte 1: something comes after the map",
		"a1":                                "at byte 1: it ends early",
		"a16161":                            "at byte 3: it ends early",
		"a1616118":                          "at byte 3: it ends early",
		"a161619bffffffffffffffff":          "at byte 12: it ends early",
		"bbffffffffffffffff6161":            "at byte 11: it ends early",
		"a161617bffffffffffffffff":          "at byte 12: it ends early",
		"a101f6":                            "at byte 1: the key of a map is a text",
		"a1616162c328":                      "at byte 6: a text is not UTF-8",
		"a161617f61c361bcff":                "at byte 6: a text is not UTF-8",
		"a161617f4161ff":                    "at byte 5: a chunk is of another kind",
		"a161617f7fffff":                    "at byte 5: a chunk is of another kind",
		"a16161c249010000000000000000":      "at byte 4: tag 2 is not one of this protocol",
		"a16161c16161":                      "at byte 4: a time is a number of seconds",
		"a16161c1":                          "at byte 4: a time is a number of seconds",
		"a16161c1c130":                      "at byte 4: a time is a number of seconds",
		"a16161f97e00":                      "at byte 3: a number is not finite",
		"a16161fa7f800000":                  "at byte 3: a number is not finite",
		"a16161e0":                          "at byte 3: such a simple value does not exist",
		"a16161f8ff":                        "at byte 3: such a simple value does not exist",
		"a161611c":                          "at byte 3: such a length does not exist",
		"a161611f":                          "at byte 3: such a length does not exist",
		"a16161ff":                          "at byte 3: such a simple value does not exist",
		"a16161" + strings.Repeat("81", 70): "at byte 67: it nests deeper than 64 levels",
	} {
		_, err := Document(unhex(t, body))
		require.ErrorIs(t, err, ecs.SerializationException, body)
		require.ErrorContains(t, err, want, body)
	}
}

// values draws answers.
func values(depth int) *rapid.Generator[shape.Value] {
	leaf := []*rapid.Generator[shape.Value]{
		rapid.Map(rapid.Bool(), func(v bool) shape.Value { return v }),
		rapid.Map(rapid.Int64(), func(v int64) shape.Value { return v }),
		rapid.Map(rapid.Uint64(), func(v uint64) shape.Value { return v }),
		rapid.Map(rapid.Float64(), func(v float64) shape.Value { return v }),
		rapid.Map(rapid.StringN(0, 40, 80), func(v string) shape.Value { return v }),
		rapid.Map(rapid.SliceOfN(rapid.Byte(), 0, 300), func(v []byte) shape.Value { return v }),
		rapid.Map(rapid.Int64Range(-1e9, 4e9), func(v int64) shape.Value { return time.UnixMilli(v * 125).UTC() }),
	}
	if depth == 0 {
		return rapid.OneOf(leaf...)
	}
	return rapid.OneOf(append(leaf,
		rapid.Map(rapid.SliceOfN(values(depth-1), 0, 30), func(v []shape.Value) shape.Value { return shape.List(v) }),
		rapid.Map(rapid.Custom(structure(depth-1)), func(v shape.Structure) shape.Value { return v }))...)
}

func structure(depth int) func(*rapid.T) shape.Structure {
	return func(t *rapid.T) shape.Structure {
		s := shape.Structure{}
		for _, name := range rapid.SliceOfNDistinct(rapid.StringN(0, 30, 60), 0, 30, rapid.ID).Draw(t, "names") {
			s = append(s, shape.Member{Name: name, Value: values(depth).Draw(t, name)})
		}
		return s
	}
}

// plain is a value as encoding/json would decode it.
func plain(v shape.Value) any {
	switch v := v.(type) {
	case []byte:
		return base64.StdEncoding.EncodeToString(v)
	case time.Time:
		return float64(v.UnixMilli()) / 1000
	case shape.List:
		list := []any{}
		for _, item := range v {
			list = append(list, plain(item))
		}
		return list
	case shape.Structure:
		all := map[string]any{}
		for _, m := range v {
			if m.Value != nil {
				all[m.Name] = plain(m.Value)
			}
		}
		return all
	case int64:
		return json.Number(jsonOf(v))
	case uint64:
		return json.Number(jsonOf(v))
	}
	return v
}

func jsonOf(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(data)
}

// TestLaws reads what it has written, and reads everything as a naive reader does.
func TestLaws(t *testing.T) {
	// Seen to fail: a length of 24 written in the first byte; a negative number one off.
	t.Run("R1_round_trip", rapid.MakeCheck(func(t *rapid.T) {
		s := structure(2)(t)
		got, err := Document(Encode(s))
		require.NoError(t, err)
		require.JSONEq(t, jsonOf(plain(s)), string(got))
	}))
	// Seen to fail: the stop of a list taken for the stop of the map around it.
	t.Run("R2_as_naive", rapid.MakeCheck(func(t *rapid.T) {
		body := []byte{0xa1, 0x61, 'a'}
		alphabet := []byte{0x00, 0x17, 0x18, 0x19, 0x20, 0x38, 0x40, 0x41, 0x5f, 0x60, 0x61, 0x7f, 0x80, 0x82, 0x9f,
			0xa1, 0xbf, 0xc1, 0xf4, 0xf6, 0xf9, 0xfb, 0xff}
		for range rapid.IntRange(0, 12).Draw(t, "length") {
			body = append(body, rapid.SampledFrom(alphabet).Draw(t, "byte"))
		}
		checkAny(t, body)
	}))
}

// checkAny compares with the naive reader, and bounds the length of what is written.
func checkAny(t require.TestingT, body []byte) {
	got, err := Document(body)
	want, rest, wrong := naive(body, 0)
	if len(body) == 0 {
		return
	}
	_, isMap := want.(pairs)
	if wrong != nil || len(rest) > 0 || !isMap {
		require.ErrorIs(t, err, ecs.SerializationException, "%x", body)
		return
	}
	require.NoError(t, err, "%x", body)
	require.Equal(t, string(want.(pairs).json()), string(got), "%x", body)
	require.LessOrEqual(t, len(got), 24*len(body))
}

// pairs is a map in the order of its body, twice the same key included.
type pairs []any

func (p pairs) json() []byte {
	out := []byte("{")
	for i := 0; i < len(p); i += 2 {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, text(p[i])...), ':'), text(p[i+1])...)
	}
	return append(out, '}')
}

func text(v any) []byte {
	switch v := v.(type) {
	case pairs:
		return v.json()
	case []any:
		out := []byte("[")
		for i, item := range v {
			if i > 0 {
				out = append(out, ',')
			}
			out = append(out, text(item)...)
		}
		return append(out, ']')
	case json.Number:
		return []byte(v)
	}
	return []byte(jsonOf(v))
}

var errNaive = errors.New("no")

// naive reads one item by recursion over slices, as RFC 8949 tells it.
func naive(b []byte, depth int) (v any, rest []byte, err error) {
	if len(b) == 0 || depth > 64 {
		return nil, nil, errNaive
	}
	major, info := b[0]>>5, b[0]&31
	b = b[1:]
	n, endless := uint64(info), info == 31
	if info >= 24 && info < 28 {
		width := 1 << (info - 24)
		if len(b) < width {
			return nil, nil, errNaive
		}
		n = binary.BigEndian.Uint64(append(make([]byte, 8-width), b[:width]...))
		b = b[width:]
	} else if info >= 28 && !endless {
		return nil, nil, errNaive
	}
	if endless && (major < 2 || major > 5) {
		return nil, nil, errNaive
	}
	switch major {
	case 0:
		return json.Number(jsonOf(n)), b, nil
	case 1:
		if n == math.MaxUint64 {
			return json.Number("-18446744073709551616"), b, nil
		}
		return json.Number("-" + jsonOf(n+1)), b, nil
	case 2, 3:
		return naiveText(b, major, n, endless)
	case 6:
		if n != 1 || len(b) == 0 || b[0]>>5 == 6 { // a time has one tag
			return nil, nil, errNaive
		}
		v, rest, err = naive(b, depth+1)
		switch v.(type) {
		case json.Number, float64:
			return v, rest, err
		}
		return nil, nil, errNaive
	case 7:
		return naiveSimple(b, info, n)
	}
	list := []any{}
	for i := uint64(0); endless || i < n; i++ {
		if endless && len(b) > 0 && b[0] == 0xff {
			b = b[1:]
			break
		}
		for range major - 3 { // one item, or two
			var item any
			if item, b, err = naive(b, depth+1); err != nil {
				return nil, nil, err
			}
			list = append(list, item)
			if _, ok := item.(string); major == 5 && len(list)%2 == 1 && !ok {
				return nil, nil, errNaive
			}
		}
	}
	if major == 5 {
		return pairs(list), b, nil
	}
	return list, b, nil
}

// bytesOf marks bytes, which cannot be keys.
type bytesOf string

func (s bytesOf) MarshalJSON() ([]byte, error) { return json.Marshal([]byte(s)) }

func naiveText(b []byte, major byte, n uint64, endless bool) (any, []byte, error) {
	var all []byte
	if !endless {
		if n > uint64(len(b)) {
			return nil, nil, errNaive
		}
		all, b = b[:n], b[n:]
	}
	for endless {
		if len(b) > 0 && b[0] == 0xff {
			b = b[1:]
			break
		}
		if len(b) == 0 || b[0]>>5 != major || b[0]&31 == 31 {
			return nil, nil, errNaive
		}
		part, rest, err := naive(b, 0)
		if err != nil {
			return nil, nil, err
		}
		switch part := part.(type) {
		case string:
			all = append(all, part...)
		case bytesOf:
			all = append(all, part...)
		}
		b = rest
	}
	if major == 2 {
		return bytesOf(all), b, nil
	}
	if strings.ToValidUTF8(string(all), "") != string(all) {
		return nil, nil, errNaive
	}
	return string(all), b, nil
}

func naiveSimple(b []byte, info byte, n uint64) (any, []byte, error) {
	var f float64
	switch info {
	case 20, 21:
		return info == 21, b, nil
	case 22, 23:
		return nil, b, nil
	case 25:
		sign, exponent, mantissa := 1.0, float64(n>>10&31), float64(n&1023)
		if n>>15 == 1 {
			sign = -1
		}
		switch exponent {
		case 0:
			f = sign * mantissa * math.Pow(2, -24)
		case 31:
			return nil, nil, errNaive
		default:
			f = sign * (1 + mantissa/1024) * math.Pow(2, exponent-15)
		}
	case 26:
		f = float64(math.Float32frombits(uint32(n)))
	case 27:
		f = math.Float64frombits(n)
	default:
		return nil, nil, errNaive
	}
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, nil, errNaive
	}
	return f, b, nil
}

// FuzzDocument reads any body: it is JSON that is not much longer, or it is refused, as a naive reader says.
func FuzzDocument(f *testing.F) {
	for _, seed := range []string{"a0", "bf6161c1fb41d452d9ec200000ff", "a261617f6162ff61629f0102ff",
		"a161615f4101ff", "a16161f90001", "a161619bffffffffffffffff", "ff", "a16130c1c130"} {
		f.Add(unhex(f, seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if got, err := Document(body); err == nil {
			require.True(t, json.Valid(got))
		}
		checkAny(t, body)
	})
}
