package control

import (
	"encoding/hex"
	"slices"
	"sort"

	"github.com/bayplan/bayplan/ecs"
)

// Page is one page of a list: names in ascending order, and the token of the next page, ""
// after the last.
type Page struct {
	Arns      []string
	NextToken string
}

const maxPage = 100

// page sorts names and cuts the page that token asks for, of at most 100 unless told fewer.
func page(names []string, token string, size ecs.Opt[int]) (Page, error) {
	slices.Sort(names)
	arns, next, err := cut(names, token, size.Or(maxPage), maxPage, func(s string) string { return s }, false)
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
