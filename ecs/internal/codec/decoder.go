package codec

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/internal/check"
)

// Decoder walks the tokens of one document and fills a value, noting every fault with its
// path. It goes on after a fault; only broken JSON ends it.
type Decoder struct {
	schema Schema // zero where only the names of members are read
	data   []byte
	tokens *json.Decoder
	strict bool // name keys that are unknown, miscased, twice there, or only ever printed
	path   []step
	seen   []string // the keys met so far in the objects that are open
	faults []Fault
	depth  int                       // of open objects and lists
	broken error                     // the JSON itself is broken; nothing more is read
	misfit bool                      // the last value did not fit its field: keep it as written
	names  map[reflect.Type][]string // the keys of types whose unknown keys were met
}

// step is one part of a path: a key, or a position in a list.
type step struct {
	key   string
	index int
}

// decode reads data, which holds one object, and returns what was wrong; root reads the object
// once its brace was read.
func decode(s Schema, data []byte, strict bool, root func(d *Decoder)) []Fault {
	tokens := json.NewDecoder(bytes.NewReader(data))
	tokens.UseNumber()
	d := &Decoder{schema: s, data: data, tokens: tokens, strict: strict, path: make([]step, 0, 8),
		seen: make([]string, 0, 64)}
	switch t := d.next(); t {
	case json.Delim('{'):
		root(d)
	case nil: // null, or broken
		if d.broken == nil {
			d.misplaced(t, "an object")
		}
	default:
		d.misplaced(t, "an object")
	}
	d.misfit = false
	if d.broken == nil {
		if _, err := d.tokens.Token(); !errors.Is(err, io.EOF) {
			d.fail(errors.New("more follows after the document's end"))
		}
	}
	if d.broken != nil {
		line, column := position(data, d.tokens.InputOffset())
		d.faults = append(d.faults, Fault{Serialization, "", fmt.Sprintf("line %d, column %d: %v",
			line, column, d.broken)})
	}
	return d.faults
}

// position returns the line and column, both from 1, of an offset.
func position(data []byte, offset int64) (line, column int) {
	before := data[:min(int(offset), len(data))]
	return bytes.Count(before, []byte{'\n'}) + 1, len(before) - bytes.LastIndexByte(before, '\n')
}

// next returns the next token, or nil when the document is broken.
func (d *Decoder) next() json.Token {
	if d.broken != nil {
		return nil
	}
	t, err := d.tokens.Token()
	if err != nil {
		d.fail(err)
		return nil
	}
	switch t {
	case json.Delim('{'), json.Delim('['):
		if d.depth++; d.depth > maxDepth {
			d.fail(fmt.Errorf("objects and lists are nested more than %d deep", maxDepth))
			return nil
		}
	case json.Delim('}'), json.Delim(']'):
		d.depth--
	}
	return t
}

// maxDepth is how deep encoding/json lets values be nested; its tokenizer does not count.
const maxDepth = 10_000

func (d *Decoder) fail(err error) {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the document ends too early")
	}
	d.broken = err
}

// more reports whether the open object or list has another item.
func (d *Decoder) more() bool { return d.broken == nil && d.tokens.More() }

// members reads the members of an object whose brace was read. take reads the value of a key and
// reports whether the object has the key; it consumes nothing otherwise. An unknown key is compared
// with those of the structure. The result is what did not fit, as written.
func (d *Decoder) members(structure reflect.Type, required []string, take func(key string) bool) (kept []byte) {
	first := len(d.seen)
	var many map[string]bool
	missing := slices.Clone(required)
	for d.more() {
		key, ok := d.next().(string)
		if !ok {
			break
		}
		d.path = append(d.path, step{key: key})
		start := d.tokens.InputOffset()
		many = d.once(key, first, many)
		if !take(key) {
			d.unknown(structure, key)
			d.skip(d.next())
			d.misfit = true
		}
		if d.misfit && d.broken == nil {
			kept = d.keep(kept, key, start)
		}
		d.misfit = false
		if len(missing) > 0 && !bytes.HasSuffix(d.data[start:d.tokens.InputOffset()], []byte("null")) {
			missing = slices.DeleteFunc(missing, func(name string) bool { return name == key })
		}
		d.path = d.path[:len(d.path)-1]
	}
	d.next()
	d.lacking(missing)
	d.seen = d.seen[:first]
	return kept
}

// lacking notes the keys that the object just read lacks.
func (d *Decoder) lacking(keys []string) {
	if d.broken != nil {
		return
	}
	for _, key := range keys {
		d.path = append(d.path, step{key: key})
		d.fault(InvalidParameter, fmt.Sprintf("Missing required parameter in input: %q.", key))
		d.path = d.path[:len(d.path)-1]
	}
}

// once notes a fault when the key was in this object before. Few keys are searched in a
// row, many in a map.
func (d *Decoder) once(key string, first int, many map[string]bool) map[string]bool {
	const few = 24
	keys := d.seen[first:]
	twice := many[key]
	if many == nil {
		for _, k := range keys {
			twice = twice || k == key
		}
	}
	if twice {
		if d.strict {
			d.fault(InvalidParameter, "Duplicate key "+strconv.Quote(key)+"; the last value counts.")
		}
		return many
	}
	if many == nil && len(keys) == few {
		many = make(map[string]bool, 2*few)
		for _, k := range keys {
			many[k] = true
		}
	}
	if many != nil {
		many[key] = true
		return many
	}
	d.seen = append(d.seen, key)
	return nil
}

// keep appends the member just read, as written.
func (d *Decoder) keep(kept []byte, key string, start int64) []byte {
	if kept != nil {
		kept = append(kept, ',')
	}
	quoted, _ := json.Marshal(key)
	kept = append(append(kept, quoted...), ':')
	return append(kept, bytes.TrimLeft(d.data[start:d.tokens.InputOffset()], ": \t\r\n")...)
}

// unknown notes a key that a structure has no field for: one that is refused by name, or one that does
// not exist, with the one that was meant if only the letters' case differs.
func (d *Decoder) unknown(t reflect.Type, key string) {
	if !d.strict {
		return
	}
	if slices.Contains(Unmodelled(t), key) {
		d.fault(UnsupportedFeature, pathOf(d.path)+" is not modelled here.")
		return
	}
	if known, ok := d.meant(t, key); ok {
		d.fault(InvalidParameter, fmt.Sprintf("Unknown parameter in input: %q; keys are case-sensitive, it is %q.", key,
			known))
		return
	}
	if t == d.schema.root && len(d.path) == 1 {
		if hint := d.schema.hooks.Hint(key); hint != "" {
			d.fault(InvalidParameter, hint)
			return
		}
	}
	d.fault(InvalidParameter, fmt.Sprintf("Unknown parameter in input: %q.", key))
}

// meant returns a structure's key that equals key but for the case of letters.
func (d *Decoder) meant(t reflect.Type, key string) (string, bool) {
	names, ok := d.names[t]
	if !ok {
		names = append(keysOf(t), Unmodelled(t)...)
		if d.names == nil {
			d.names = make(map[reflect.Type][]string)
		}
		d.names[t] = names
	}
	for _, name := range names {
		if len(name) == len(key) && strings.EqualFold(name, key) {
			return name, true
		}
	}
	return "", false
}

// fault notes a fault at the current path.
func (d *Decoder) fault(code, message string) {
	if len(d.faults) >= check.Most {
		return
	}
	d.faults = append(d.faults, Fault{code, pathOf(d.path), message})
}

// misplaced notes that token t stands where something else belongs, and skips its value.
func (d *Decoder) misplaced(t json.Token, want string) {
	if d.broken != nil {
		return
	}
	d.fault(Serialization, kindOf(t)+" stands where "+want+" belongs.")
	d.skip(t)
	d.misfit = true
}

func kindOf(t json.Token) string {
	switch t := t.(type) {
	case json.Delim:
		if t == '{' {
			return "An object"
		}
		return "A list"
	case string:
		return "The text " + strconv.Quote(check.Shortened(t))
	case json.Number:
		return "The number " + check.Shortened(t.String())
	case bool:
		return "The truth value " + strconv.FormatBool(t)
	}
	return "null"
}

// skip reads to the end of the value that begins with t, however deep.
func (d *Decoder) skip(t json.Token) {
	for depth := 0; d.broken == nil; t = d.next() {
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
		if depth == 0 {
			return
		}
	}
}

// pathOf writes a path as a.b[2].c; keys that are not plain words stand quoted in brackets.
func pathOf(path []step) string {
	parts := make([]any, len(path))
	for i, s := range path {
		if parts[i] = s.key; s.isIndex() {
			parts[i] = s.index - 1
		}
	}
	return check.Path(parts...)
}

// isIndex reports whether the step is a position; positions are stored from 1, so that the
// zero step is the empty key.
func (s step) isIndex() bool { return s.index > 0 }
