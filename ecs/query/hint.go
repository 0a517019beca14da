package query

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// subjectCandidates returns what a test, a negation or a group begins with, in
// byte order.
func subjectCandidates() []string {
	return []string{"(", "agentConnected", "agentVersion", "attribute:NAME", "ec2InstanceId", "not", "registeredAt",
		"runningTasksCount", "task:group"}
}

// operatorCandidates returns the canonical operators of class c in byte order.
func operatorCandidates(c class) []string {
	var all []string
	for o := OpEquals; o <= OpNotMatches; o++ {
		if c.allows(o) {
			all = append(all, o.String())
		}
	}
	slices.Sort(all)
	return all
}

// operatorSpellings returns both spellings of the operators of class c, sorted.
func operatorSpellings(c class) []string {
	var all []string
	for o := OpEquals; o <= OpNotMatches; o++ {
		if c.allows(o) {
			all = append(all, opSymbols[o], opWords[o])
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// subjectHint guesses the subject that was meant by w.
func subjectHint(w string) string {
	switch w {
	case "", "and", "or":
		return ""
	case "attribute":
		return attributePrefix + "NAME"
	}
	// A name after something like "attribute:".
	if i := strings.IndexAny(w, ":."); i > 0 && closest(w[:i], []string{"attribute"}) != "" {
		return attributePrefix + w[i+1:]
	}
	if s := closest(w, []string{"agentConnected", "agentVersion", "and", "ec2InstanceId", "not", "or", "registeredAt",
		"runningTasksCount", "task:group"}); s != "" {
		return s
	}
	for i := range len(w) {
		if !isNameChar(w[i]) {
			return ""
		}
	}
	if len(w) > maxAttributeLength {
		return ""
	}
	return attributePrefix + w
}

// operatorHint guesses the operator that was meant by a token, which p has just
// read: nothing at all, one of another language, a negation in two words, or a
// misspelling.
func (p *parser) operatorHint(token string, c class) string {
	var meant Op
	switch token {
	case "":
		meant = OpExists
	case "eq", "is":
		meant = OpEquals
	case "<>", "ne":
		meant = OpNotEquals
	case "gt":
		meant = OpGreaterThan
	case "ge", "gte":
		meant = OpGreaterThanEqual
	case "lt":
		meant = OpLessThan
	case "le", "lte":
		meant = OpLessThanEqual
	case "~", "like":
		meant = OpMatches
	case "!", "not":
		p.skipBlanks()
		meant = opOf(p.operatorToken()).negation()
	default:
		if word, ok := strings.CutPrefix(token, "!"); ok {
			meant = opOf(word).negation()
		}
	}
	if meant != 0 {
		if !c.allows(meant) {
			return ""
		}
		return meant.String()
	}
	return closest(token, operatorSpellings(c))
}

// hintAfterTest guesses what was meant by what follows a test: a misspelt "and",
// or the rest of a value that needs quotes.
func (p *parser) hintAfterTest() string {
	at := p.pos
	w := p.word()
	if hint := closest(w, []string{"and", "or"}); hint != "" {
		return hint
	}
	rest := p.src[at:]
	joined := p.bare >= 0 && at > 0 && !isBlank(p.src[at-1])
	_, fixed := classOf(w)
	switch {
	case joined && p.class.free():
		if hint := quoteHint(p.src[p.bare:]); len(hint) > len("''")+at-p.bare {
			return hint
		}
		return ""
	case strings.HasPrefix(rest, "&"):
		return "&&"
	case strings.HasPrefix(rest, "|"):
		return "||"
	case p.bare < 0 || w == "" || fixed || strings.HasPrefix(w, attributePrefix):
		return ""
	case p.class.free():
		return "'" + p.src[p.bare:p.pos] + "'"
	case p.class == classTime:
		if t := p.src[p.bare:p.bare+bareLength(p.src[p.bare:])] + "T" + w; isTime(t) {
			return t
		}
	}
	return ""
}

// quoteHint returns the word at the start of s in quotes, as far as the next
// blank, if it is a value that needs them. Quotes that a word processor made are
// taken for quotes.
func quoteHint(s string) string {
	if i := strings.IndexAny(s, " \t\r\n"); i >= 0 {
		s = s[:i]
	}
	s = strings.TrimRight(strings.Trim(s, "\u2018\u2019\u201c\u201d"), ",")
	if strings.IndexByte(s, '(') < 0 {
		s = strings.TrimRight(s, ")")
	}
	first, _ := utf8.DecodeRuneInString(s)
	if !unicode.IsLetter(first) && !unicode.IsDigit(first) || strings.ContainsAny(s, `'"`) {
		return ""
	}
	return "'" + s + "'"
}

// closest returns the candidate that w most likely was meant to be: the one of
// the smallest distance, then with the longest common beginning, then the first.
// It is empty when nothing is close. Candidates must be sorted, which makes the
// answer independent of how they were found.
func closest(w string, candidates []string) string {
	const longest = 40
	if w == "" || len(w) > longest {
		return ""
	}
	best, bestDistance, bestCommon := "", 0, 0
	for _, c := range candidates {
		d := distance(strings.ToLower(w), strings.ToLower(c))
		if d > 2*max(1, min(len(w), len(c))/3) {
			continue
		}
		n := commonLength(w, c)
		if best == "" || d < bestDistance || d == bestDistance && n > bestCommon {
			best, bestDistance, bestCommon = c, d, n
		}
	}
	return best
}

func commonLength(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// distance is the number of edits that turn a into b: two for a byte inserted,
// removed or replaced, one for two neighbours swapped.
func distance(a, b string) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = 2 * j
	}
	for i := 1; i <= len(a); i++ {
		row := make([]int, len(b)+1)
		row[0] = 2 * i
		for j := 1; j <= len(b); j++ {
			replace := last[j-1]
			if a[i-1] != b[j-1] {
				replace += 2
			}
			row[j] = min(last[j]+2, row[j-1]+2, replace)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
