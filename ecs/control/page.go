package control

import (
	"encoding/hex"
	"iter"
	"slices"
	"sort"
	"strings"

	"github.com/bayplan/bayplan/ecs"
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
		return Page{}, fault(ecs.InvalidParameterException, "nextToken", "Invalid token %q.", token)
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
	arns, next, err := cut(first, "", size.Or(maxPage), maxPage, func(s string) string { return s }, false)
	return Page{Arns: arns, NextToken: next}, err
}

// cut returns the page of size that token asks for, of a list that is in ascending order of
// key, or of descending, and the token of the next page, "" after the last. A token tells the
// last key of the page before it: what comes or goes between two calls neither repeats nor
// hides others.
func cut[T any](list []T, token string, size, most int, key func(T) string, descending bool) ([]T, string, error) {
	if size < 1 || size > most {
		return nil, "", fault(ecs.InvalidParameterException, "maxResults", "maxResults must be between 1 and %d, not %d.", most, size)
	}
	if token != "" {
		last, err := hex.DecodeString(token)
		if err != nil {
			return nil, "", fault(ecs.InvalidParameterException, "nextToken", "Invalid token %q.", token)
		}
		list = list[sort.Search(len(list), func(i int) bool {
			if descending {
				return key(list[i]) < string(last)
			}
			return key(list[i]) > string(last)
		}):]
	}
	if len(list) <= size {
		return list, "", nil
	}
	return list[:size:size], hex.EncodeToString([]byte(key(list[size-1]))), nil
}
