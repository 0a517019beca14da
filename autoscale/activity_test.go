package autoscale

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The length of a tag is in characters.
//
// Seen to fail: a length in bytes.
func TestTagsInCharacters(t *testing.T) {
	tagged := func(key, value int) error {
		return TagResourceInput{ResourceARN: "arn", Tags: map[string]string{
			strings.Repeat("é", key): strings.Repeat("é", value)}}.Validate()
	}
	require.NoError(t, tagged(128, 256))
	require.ErrorContains(t, tagged(129, 0), "they have 129 and 0")
	require.ErrorContains(t, tagged(1, 257), "they have 1 and 257")
}
