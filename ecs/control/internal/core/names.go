package core

import (
	"encoding/hex"
	"iter"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// MaxPage is the most names of a page of ARNs.
const MaxPage = 100

// Page returns the page that token asks for of names in any order, at most MaxPage of them, and the
// token of the next page, "" after the last.
func Page(names []string, token string, size ecs.Opt[int]) (arns []string, next string, err error) {
	return PageUnder("", slices.Values(names), token, size)
}

// PageUnder is Page for names that each stand behind prefix. It takes O(names) and keeps a page
// of them, however many there are.
func PageUnder(
	prefix string, names iter.Seq[string], token string, size ecs.Opt[int],
) (arns []string, next string, err error) {
	last, err := hex.DecodeString(token)
	after, ours := strings.CutPrefix(string(last), prefix)
	if err != nil || token != "" && !ours {
		return nil, "", Fault(ecs.InvalidParameterException, "nextToken", "Invalid token %q.", token)
	}
	var first []string // the lowest names behind the token, one more than fit the page
	for name := range names {
		if token != "" && name <= after || len(first) > MaxPage && name >= first[MaxPage] {
			continue
		}
		i, _ := slices.BinarySearch(first, name)
		first = slices.Insert(first, i, name)
		first = first[:min(len(first), MaxPage+1)]
	}
	for i := range first {
		first[i] = prefix + first[i]
	}
	return Cut(first, "", size.Or(MaxPage), MaxPage, func(s string) string { return s }, false)
}
