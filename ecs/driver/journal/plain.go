package journal

// deepest is how deep the values in a plain JSON value may be.
const deepest = 64

// plainJSON reports whether a text is one JSON value without spaces and escapes, as most inputs are. It takes a small
// part of the time of json.Valid, and reports nothing about other JSON.
func plainJSON(text []byte) bool {
	rest, ok := plainValue(text, deepest)
	return ok && len(rest) == 0
}

// plainValue cuts a value off.
func plainValue(b []byte, depth int) (rest []byte, ok bool) {
	if len(b) == 0 || depth == 0 {
		return b, false
	}
	switch c := b[0]; {
	case c == '{':
		return plainList(b[1:], '}', depth-1)
	case c == '[':
		return plainList(b[1:], ']', depth-1)
	case c == '"':
		return plainText(b)
	case c == '-' || '0' <= c && c <= '9':
		return plainNumber(b)
	}
	for _, word := range [...]string{"true", "false", "null"} {
		if len(b) >= len(word) && string(b[:len(word)]) == word {
			return b[len(word):], true
		}
	}
	return b, false
}

// plainList cuts off what stands behind the first bracket of an object or array.
func plainList(b []byte, end byte, depth int) (rest []byte, ok bool) {
	if len(b) > 0 && b[0] == end {
		return b[1:], true
	}
	for {
		if end == '}' {
			if b, ok = plainText(b); !ok || len(b) == 0 || b[0] != ':' {
				return b, false
			}
			b = b[1:]
		}
		if b, ok = plainValue(b, depth); !ok || len(b) == 0 {
			return b, false
		}
		switch b[0] {
		case end:
			return b[1:], true
		case ',':
			b = b[1:]
		default:
			return b, false
		}
	}
}

// plainText cuts a text off.
func plainText(b []byte) (rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '"' {
		return b, false
	}
	for i, c := range b[1:] {
		switch {
		case c == '"':
			return b[i+2:], true
		case c < ' ' || c == '\\':
			return b, false
		}
	}
	return b, false
}

// plainNumber cuts an integer off. What follows it tells whether it was all of a number.
func plainNumber(b []byte) (rest []byte, ok bool) {
	if b[0] == '-' {
		b = b[1:]
	}
	n := 0
	for n < len(b) && '0' <= b[n] && b[n] <= '9' {
		n++
	}
	return b[n:], n == 1 || n > 1 && b[0] != '0'
}
