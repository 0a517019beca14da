package source

import (
	"strconv"
	"strings"
)

// Find returns the value at a path below this one, names compared without regard to case, or the innermost
// value around it that there is.
func (v *Value) Find(path string) *Value {
	if v == nil || path == "" {
		return v
	}
	if key, err := strconv.QuotedPrefix(strings.TrimPrefix(path, "[")); err == nil && path[0] == '[' {
		if name, err := strconv.Unquote(key); err == nil && v.members[name] != nil {
			return v.members[name].Find(strings.TrimPrefix(strings.TrimPrefix(path[1+len(key):], "]"), "."))
		}
	}
	for _, same := range []func(a, b string) bool{func(a, b string) bool { return a == b }, strings.EqualFold} {
		for _, k := range v.keys {
			if rest, ok := after(path, k, same); ok {
				return v.members[k].Find(rest)
			}
		}
	}
	if strings.HasPrefix(path, "[") {
		if end := strings.IndexByte(path, ']'); end > 0 {
			n := 0
			for _, c := range path[1:end] {
				if c < '0' || c > '9' || n > MostValues {
					return v
				}
				n = n*10 + int(c-'0')
			}
			if n < len(v.items) {
				return v.items[n].Find(strings.TrimPrefix(path[end+1:], "."))
			}
		}
	}
	return v
}

// after returns what follows a key in a path.
func after(path, key string, same func(a, b string) bool) (rest string, ok bool) {
	if key == "" || len(path) < len(key) || !same(path[:len(key)], key) {
		return "", false
	}
	rest = path[len(key):]
	switch {
	case rest == "" || rest[0] == '[':
		return rest, true
	case rest[0] == '.':
		return rest[1:], true
	}
	return "", false
}

// Visit calls a function for the value and everything in it, in the order of the document.
func (v *Value) Visit(do func(*Value)) {
	if v == nil {
		return
	}
	do(v)
	for _, k := range v.keys {
		v.members[k].Visit(do)
	}
	for _, x := range v.items {
		x.Visit(do)
	}
}
