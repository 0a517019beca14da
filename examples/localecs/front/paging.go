package front

import (
	"encoding/hex"
	"fmt"
	"sort"

	"github.com/bayplan/bayplan/ecs"
)

// paging is the part of a request that asks for a page.
type paging struct {
	NextToken  string       `json:"nextToken"`
	MaxResults ecs.Opt[int] `json:"maxResults"`
}

// cut returns the page that is asked for of a list that is in ascending order of key, or of
// descending, and the token of the next one, "" after the last. A token tells the last key of
// the page before it: what comes or goes between two calls neither repeats nor hides others.
func cut[T any](list []T, p paging, most int, descending bool, key func(T) string) ([]T, string, error) {
	size := p.MaxResults.Or(most)
	if size < 1 || size > most {
		return nil, "", ecs.Fault(ecs.InvalidParameterException, "maxResults", fmt.Sprintf("maxResults must be between 1 and %d, not %d.", most, size))
	}
	if p.NextToken != "" {
		last, err := hex.DecodeString(p.NextToken)
		if err != nil {
			return nil, "", ecs.Fault(ecs.InvalidParameterException, "nextToken", fmt.Sprintf("Invalid token %q.", p.NextToken))
		}
		list = list[sort.Search(len(list), func(i int) bool {
			if descending {
				return key(list[i]) < string(last)
			}
			return key(list[i]) > string(last)
		}):]
	}
	if len(list) <= size {
		return notNil(list), "", nil
	}
	return list[:size], hex.EncodeToString([]byte(key(list[size-1]))), nil
}

// paged is the answer of a list under the key of its operation.
func paged[T any](name string, list []T, token string, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	out := object{name: list}
	if token != "" {
		out["nextToken"] = token
	}
	return out, nil
}

func itself(s string) string { return s }
