package core

import (
	"encoding/hex"
	"sort"

	"github.com/bayplan/bayplan/ecs"
)

// Cut returns the page of size that token asks for, of a list that is in ascending order of
// key, or of descending, and the token of the next page, "" after the last. A token tells the
// last key of the page before it: what comes or goes between two calls neither repeats nor
// hides others.
func Cut[T any](list []T, token string, size, most int, key func(T) string, descending bool) ([]T, string, error) {
	if size < 1 || size > most {
		return nil, "", Fault(ecs.InvalidParameterException, "maxResults",
			"maxResults must be between 1 and %d, not %d.", most, size)
	}
	if token != "" {
		last, err := hex.DecodeString(token)
		if err != nil {
			return nil, "", Fault(ecs.InvalidParameterException, "nextToken", "Invalid token %q.", token)
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
