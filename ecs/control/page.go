package control

import (
	"encoding/hex"
	"slices"
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

// page sorts names and cuts the page that token asks for. A token tells the last name of
// the page before it: names that come or go between two calls neither repeat nor hide others.
func page(names []string, token string, size ecs.Opt[int]) (Page, error) {
	n := size.Or(maxPage)
	if n < 1 || n > maxPage {
		return Page{}, fault(ecs.InvalidParameterException, "maxResults", "maxResults must be between 1 and %d, not %d.", maxPage, n)
	}
	slices.Sort(names)
	from := 0
	if token != "" {
		last, err := hex.DecodeString(token)
		if err != nil {
			return Page{}, fault(ecs.InvalidParameterException, "nextToken", "Invalid token %q.", token)
		}
		i, found := slices.BinarySearchFunc(names, string(last), strings.Compare)
		from = i
		if found {
			from++
		}
	}
	names = names[from:]
	if len(names) <= n {
		return Page{Arns: names}, nil
	}
	return Page{Arns: names[:n], NextToken: hex.EncodeToString([]byte(names[n-1]))}, nil
}
