package crew

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Caller signs calls of the API as AWS's clients do.
type Caller struct {
	URL string
	Key AccessKey
}

// Ask returns the status and the answer of a call of AWS JSON, or of a form where the target is "".
// Source: AWS Identity and Access Management User Guide, "AWS Signature Version 4 for API requests".
func (c Caller) Ask(ctx context.Context, service, target, body string) (status int, answer string, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.URL+"/", strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if target != "" {
		r.Header.Set("X-Amz-Target", target)
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	}
	c.sign(r, service, target, body)
	got, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer got.Body.Close()
	text, err := io.ReadAll(got.Body)
	return got.StatusCode, string(text), err
}

// sign signs the host, the time, and what selects the operation.
func (c Caller) sign(r *http.Request, service, target, body string) {
	stamp := time.Now().UTC().Format("20060102T150405Z")
	r.Header.Set("X-Amz-Date", stamp)
	headers := map[string]string{"host": r.URL.Host, "x-amz-date": stamp}
	if target != "" {
		headers["x-amz-target"] = target
	}
	names := slices.Sorted(maps.Keys(headers))
	lines := ""
	for _, name := range names {
		lines += name + ":" + headers[name] + "\n"
	}
	digest := func(text string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(text))) }
	signed := strings.Join(names, ";")
	canonical := "POST\n/\n\n" + lines + "\n" + signed + "\n" + digest(body)
	scope := stamp[:8] + "/us-east-1/" + service + "/aws4_request"
	key := []byte("AWS4" + c.Key.Secret)
	text := "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + digest(canonical)
	for _, part := range append(strings.Split(scope, "/"), text) {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(part))
		key = h.Sum(nil)
	}
	r.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%x",
		c.Key.ID, scope, signed, key))
}
