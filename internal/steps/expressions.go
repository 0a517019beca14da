package steps

import "strings"

// Expressions returns expressions of the cluster query language of about n characters that a careless
// parser takes more than linear time for, by what they are made of. Not all of them are right.
func Expressions(n int) map[string]string {
	return map[string]string{
		"parentheses":     strings.Repeat("(", n/2) + "agentConnected==true" + strings.Repeat(")", n/2),
		"open":            strings.Repeat("(", n),
		"negations":       strings.Repeat("!", n-20) + "attribute:x exists",
		"words":           strings.Repeat("not ", n/4-5) + "attribute:x exists",
		"one word":        strings.Repeat("a", n),
		"list":            "attribute:x in [" + strings.Repeat("a,", n/2-20) + "a]",
		"chain":           "attribute:x<1" + strings.Repeat("||attribute:x<1", n/15-1),
		"braces":          "attribute:x=~'" + strings.Repeat("{", n-20) + "'",
		"brackets":        "attribute:x=~'" + strings.Repeat(`\[`, n/2-20) + "'",
		"groups":          "attribute:x=~'" + strings.Repeat("(a", n/3-20) + strings.Repeat(")", n/3-20) + "'",
		"bare groups":     "attribute:x=~" + strings.Repeat("(", n/2-20) + "a" + strings.Repeat(")", n/2-20),
		"open groups":     "attribute:x=~" + strings.Repeat("(a", n/2-20),
		"optional":        "attribute:x=~'" + strings.Repeat("a?", n/4) + strings.Repeat("a", n/4) + "'",
		"nested stars":    "attribute:x=~'" + strings.Repeat("(", n/8) + "a" + strings.Repeat("*)", n/8) + "b'",
		"open quote":      "attribute:x == '" + strings.Repeat("a", n-20),
		"alternating":     "attribute:x=~" + strings.Repeat("a|", n/2-20) + "b",
		"nested, flatten": strings.Repeat("(attribute:x<1||", n/17) + "attribute:x<1" + strings.Repeat(")", n/17),
	}
}
