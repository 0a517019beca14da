package check

import (
	"strconv"
	"strings"
)

// Path returns the path of keys (string) and positions (int, from 0), such as a.b[2].c. A key that
// is not a plain word stands quoted in brackets.
func Path(parts ...any) string {
	var b path
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			b.index(p)
		case string:
			b.key(p)
		}
	}
	return string(b)
}

// Under returns the path of a key of the map at a path.
func Under(at, key string) string {
	b := path(at)
	b.key(key)
	return string(b)
}

// Index returns the path of an item, from 0, of the list at a path.
func Index(list string, i int) string {
	b := path(list)
	b.index(i)
	return string(b)
}

// Join returns the path of a member's member; either may be empty.
func Join(path, inner string) string {
	if path == "" || inner == "" || inner[0] == '[' {
		return path + inner
	}
	return path + "." + inner
}

// path is a path as it is written.
type path []byte

func (p *path) key(key string) {
	switch {
	case !plain(key):
		*p = append(*p, '[')
		*p = strconv.AppendQuote(*p, key)
		*p = append(*p, ']')
		return
	case len(*p) > 0:
		*p = append(*p, '.')
	}
	*p = append(*p, key...)
}

func (p *path) index(i int) {
	*p = append(*p, '[')
	*p = strconv.AppendInt(*p, int64(i), 10)
	*p = append(*p, ']')
}

// LastKey returns a path's last key, without a position.
func LastKey(path string) string {
	path = path[strings.LastIndexByte(path, '.')+1:]
	key, _, _ := strings.Cut(path, "[")
	return key
}

// plain reports whether a key needs no quotes in a path.
func plain(key string) bool { return key != "" && Only(key, "_-") }
