package query

import "strings"

// javaOnly finds what java.util.regex has and RE2 has not, or reads otherwise,
// or refuses. Part of it package regexp would accept and understand differently:
// those would select the wrong instances without a word.
func javaOnly(p string) *patternFault {
	class := -1 // where the character class began that i is in
	for i := 0; i < len(p); i++ {
		rest := p[i:]
		switch c := p[i]; {
		case c == '\\':
			if strings.HasPrefix(rest, `\Q`) {
				i += quotedLength(rest) - 1
				continue
			}
			if what := javaEscape(rest); what != "" {
				return noRE2(i, what)
			}
			i += max(1, bracedLength(rest)-1)
		case class >= 0:
			switch {
			case c == ']' && i > class:
				class = -1
			case c == '[':
				return noRE2(i, "a character class within a character class")
			case strings.HasPrefix(rest, "&&"):
				return noRE2(i, "the intersection of character classes (&&)")
			}
		case c == '[':
			// A bracket at the very start of a class is an ordinary character.
			if strings.HasPrefix(rest, "[^") {
				i++
			}
			if class = i + 1; strings.HasPrefix(p[class:], "]") {
				i++
			}
		case c == '(':
			if what := javaGroup(rest); what != "" {
				return noRE2(i, what)
			}
		case c == '*' || c == '+' || c == '?':
			if strings.HasPrefix(rest[1:], "+") {
				return noRE2(i, "a possessive quantifier ("+rest[:2]+")")
			}
		case c == '{':
			n := repeatLength(rest)
			if n == 0 {
				return &patternFault{at: i, reason: "a brace that begins no repetition needs a backslash before it",
					hint: alternatives(rest)}
			}
			if strings.HasPrefix(rest[n:], "+") {
				return noRE2(i, "a possessive quantifier ("+rest[:n+1]+")")
			}
		}
	}
	return nil
}

func noRE2(at int, what string) *patternFault {
	return &patternFault{at: at, reason: what + " is not supported in patterns, which are matched in linear time (RE2)"}
}

// quotedLength returns the length of the \Q…\E at the start of s.
func quotedLength(s string) int {
	if n := strings.Index(s, `\E`); n >= 0 {
		return n + len(`\E`)
	}
	return len(s)
}

// bracedLength returns the length of the \p{Lu} or the like at the start of s, or
// 0 if there is none.
func bracedLength(s string) int {
	if len(s) < 3 || strings.IndexByte("pPx", s[1]) < 0 || s[2] != '{' {
		return 0
	}
	return strings.IndexByte(s, '}') + 1
}

// javaEscape names the escape at the start of s if it is Java's alone.
func javaEscape(s string) string {
	if len(s) < 2 {
		return ""
	}
	switch c := s[1]; c {
	case '1', '2', '3', '4', '5', '6', '7', '8', '9', 'k':
		return "a back-reference (" + s[:2] + ")"
	case 'G', 'Z', 'R', 'X', 'N', 'h', 'H', 'v', 'V', 'e', 'c', 'u':
		return "the escape " + s[:2]
	}
	return ""
}

// javaGroup names the group at the start of s if it is Java's alone, or RE2's.
func javaGroup(s string) string {
	switch {
	case strings.HasPrefix(s, "(?="), strings.HasPrefix(s, "(?!"):
		return "look-ahead (" + s[:3] + ")"
	case strings.HasPrefix(s, "(?<="), strings.HasPrefix(s, "(?<!"):
		return "look-behind (" + s[:4] + ")"
	case strings.HasPrefix(s, "(?>"):
		return "an atomic group (?>)"
	case strings.HasPrefix(s, "(?P"):
		return "a group named with (?P, which Java refuses,"
	}
	if !strings.HasPrefix(s, "(?") {
		return ""
	}
	for i := 2; i < len(s) && strings.IndexByte("idmsuxU-", s[i]) >= 0; i++ {
		if strings.IndexByte("duxU", s[i]) >= 0 {
			return "the flag " + s[i:i+1]
		}
	}
	return ""
}

// repeatLength returns the length of the {n}, {n,} or {n,m} at the start of s,
// or 0 if there is none.
func repeatLength(s string) int {
	n := 1 + digitsLength(s[1:])
	if n == 1 {
		return 0
	}
	if strings.HasPrefix(s[n:], ",") {
		n++
		n += digitsLength(s[n:])
	}
	if !strings.HasPrefix(s[n:], "}") {
		return 0
	}
	return n + 1
}

func digitsLength(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// alternatives turns the {a,b} of a shell at the start of s into (a|b).
func alternatives(s string) string {
	end := strings.IndexAny(s[1:], "{}") + 1
	if end == 0 || s[end] != '}' || strings.IndexByte(s[:end], ',') < 0 {
		return ""
	}
	return "(" + strings.ReplaceAll(s[1:end], ",", "|") + ")"
}
