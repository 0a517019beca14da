package ecr

import (
	"encoding/base64"
	"slices"

	"github.com/bayplan/bayplan/ecs"
)

const (
	mostNamed  = 100 // repositories or images that a call names
	mostListed = 1000
	listed     = 100 // unless the call says how many
)

func tooMany(field string, n int) error {
	return fault(invalidParameter, field, "Invalid parameter at '%s': a call names at most %d; these are %d.", field,
		mostNamed, n)
}

// page returns the part of a list, in ascending order of its keys, that follows a token, and the token of the rest.
// Source: Amazon ECR API Reference, DescribeRepositories, maxResults and nextToken.
func page[T any](list []T, key func(T) string, token string, most ecs.Opt[int]) ([]T, string, error) {
	n := most.Or(listed)
	if n < 1 || n > mostListed {
		return nil, "", fault(invalidParameter, "maxResults",
			"Invalid parameter at 'maxResults': it is from 1 to %d, and not %d.", mostListed, n)
	}
	after, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, "", fault(invalidParameter, "nextToken",
			"Invalid parameter at 'nextToken': the token is not one that this service has given out.")
	}
	if token != "" {
		begin := slices.IndexFunc(list, func(v T) bool { return key(v) > string(after) })
		if begin < 0 {
			return nil, "", nil
		}
		list = list[begin:]
	}
	if len(list) <= n {
		return list, "", nil
	}
	return list[:n], base64.RawURLEncoding.EncodeToString([]byte(key(list[n-1]))), nil
}
