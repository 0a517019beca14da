package shape_test

import (
	"encoding/json"
	"math"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/localecs/front/shape"
)

type inner struct {
	Deep string `json:"deep"`
}

type answer struct {
	Name    string          `json:"name"`
	Count   ecs.Opt[int]    `json:"count,omitzero"`
	Absent  ecs.Opt[int]    `json:"absent,omitzero"`
	At      ecs.Instant     `json:"at"`
	Never   ecs.Instant     `json:"never,omitzero"`
	When    time.Time       `json:"when"`
	List    []*inner        `json:"list"`
	None    []string        `json:"none,omitempty"`
	Map     map[string]any  `json:"map"`
	Raw     json.RawMessage `json:"raw"`
	Address netip.Addr      `json:"address"`
	Hidden  string          `json:"-"`
	secret  string
	inner
	Small float32 `json:"small"`
	Big   uint16
}

// TestOf turns a value of each kind into what the protocols know.
//
// Seen to fail: members of an embedded structure under its name; an absent member that is written.
func TestOf(t *testing.T) {
	at := time.Date(2026, 12, 1, 8, 0, 0, 0, time.FixedZone("", 3600))
	v, err := shape.Of(&answer{Name: "a", Count: ecs.Some(0), At: ecs.At(at), When: at, List: []*inner{{"x"}, nil},
		secret: "s", Hidden: "h",
		Map:     map[string]any{"z": 1, "a": []byte{1}, "f": json.Number("1.5")},
		Raw:     json.RawMessage(`{"b":[1,true,"x",2.5]}`),
		Address: netip.MustParseAddr("10.0.0.1"), inner: inner{"up"}, Small: 0.5, Big: 7})
	require.NoError(t, err)
	require.Equal(t, shape.Structure{{"name", "a"}, {"count", int64(0)}, {"at", at.UTC()}, {"when", at.UTC()},
		{"list", shape.List{shape.Structure{{"deep", "x"}}, nil}},
		{"map", shape.Structure{{"a", []byte{1}}, {"f", 1.5}, {"z", int64(1)}}},
		{"raw", shape.Structure{{"b", shape.List{int64(1), true, "x", 2.5}}}}, {"address", "10.0.0.1"}, {"deep", "up"},
		{"small", 0.5}, {"Big", uint64(7)}}, v)
	v, err = shape.Of(nil)
	require.NoError(t, err)
	require.Nil(t, v)
}

// TestRefused fails for what no protocol writes, and for a value that has no end.
//
// Seen to fail: numbers as the keys of a map.
func TestRefused(t *testing.T) {
	type loop struct{ Next []*loop }
	endless := &loop{}
	endless.Next = []*loop{endless}
	for _, v := range []any{make(chan int), map[int]string{1: "a"}, []any{func() {}}, endless, json.Number("x"),
		map[string]any{"a": complex(1, 1)}} {
		_, err := shape.Of(v)
		require.Error(t, err)
	}
	v, err := shape.Of(math.Inf(1))
	require.NoError(t, err)
	require.Equal(t, math.Inf(1), v)
}
