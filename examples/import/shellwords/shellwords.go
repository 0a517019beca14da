// Package shellwords splits a command as a shell would: at white space, with quotes and backslashes. It expands
// nothing.
//
// # Start here
//
// [Split] is all there is.
//
// # Model
//
// A word ends at white space outside of quotes. In single quotes every character stands for itself, in double
// quotes a backslash frees a double quote, a backslash, a dollar sign or a backtick.
//
// # Guarantees
//
//  1. Words that are joined with quotes come back (TestRoundTrip).
//
// # Differences from ECS
//
// None: ECS takes lists of words.
//
// # Example
//
// See the example of Split.
package shellwords

import (
	"errors"
	"strings"
)

// Split returns the words of a command, and an error for a quote without an end.
func Split(s string) (words []string, err error) {
	var w strings.Builder
	quote, escaped, begun := rune(0), false, false
	for _, r := range s {
		switch {
		case escaped:
			if quote == '"' && !strings.ContainsRune("\"\\$`", r) {
				w.WriteByte('\\')
			}
			w.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'':
			escaped, begun = true, true
		case quote != 0:
			if r == quote {
				quote = 0
			} else {
				w.WriteRune(r)
			}
		case r == '\'' || r == '"':
			quote, begun = r, true
		case strings.ContainsRune(" \t\n\r", r):
			if begun {
				words = append(words, w.String())
				w.Reset()
				begun = false
			}
		default:
			w.WriteRune(r)
			begun = true
		}
	}
	if quote != 0 || escaped {
		return nil, errors.New("a quote or a backslash at its end is not closed")
	}
	if begun {
		words = append(words, w.String())
	}
	return words, nil
}
