package control

import (
	"encoding/hex"
	"iter"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
)

// Page is one page of a list: names in ascending order, and the token of the next page, ""
// after the last.
type Page struct {
	Arns      []string
	NextToken string
}

const maxPage = 100

// page returns the page that token asks for of names in any order, of at most 100 unless told
// fewer.
func page(names []string, token string, size ecs.Opt[int]) (Page, error) {
	return pageUnder("", slices.Values(names), token, size)
}

// pageUnder is page for names that each stand behind prefix. It takes O(names) and keeps a page
// of them, however many there are.
func pageUnder(prefix string, names iter.Seq[string], token string, size ecs.Opt[int]) (Page, error) {
	last, err := hex.DecodeString(token)
	after, ours := strings.CutPrefix(string(last), prefix)
	if err != nil || token != "" && !ours {
		return Page{}, core.Fault(ecs.InvalidParameterException, "nextToken", "Invalid token %q.", token)
	}
	var first []string // the lowest names behind the token, one more than fit the page
	for name := range names {
		if token != "" && name <= after || len(first) > maxPage && name >= first[maxPage] {
			continue
		}
		i, _ := slices.BinarySearch(first, name)
		first = slices.Insert(first, i, name)
		first = first[:min(len(first), maxPage+1)]
	}
	for i := range first {
		first[i] = prefix + first[i]
	}
	arns, next, err := core.Cut(first, "", size.Or(maxPage), maxPage, func(s string) string { return s }, false)
	return Page{Arns: arns, NextToken: next}, err
}
