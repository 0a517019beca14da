package crew

import (
	"context"
	"io"
	"net/http"
	"strings"
)

// Caller signs calls of the API as AWS's clients do.
type Caller struct {
	URL string
	Key AccessKey
}

// Ask returns the status and the answer of a call of AWS JSON, or of a form where the target is "".
func (c Caller) Ask(ctx context.Context, service, target, body string) (status int, answer string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+"/", strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	c.Key.Sign(r, service, target, body)
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	return got.StatusCode, string(text), err
}
