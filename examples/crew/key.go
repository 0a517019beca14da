package crew

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"
)

// AccessKey signs the calls of the API. It is in a file with mode 0600, for every process that needs it.
type AccessKey struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
}

// NewKey draws a key whose ID begins with a prefix, and writes it into a file.
func NewKey(file, prefix string) (key AccessKey, err error) {
	key = AccessKey{prefix + rand.Text()[:20-len(prefix)], rand.Text() + rand.Text()[:14]}
	data, err := json.Marshal(key)
	if err != nil {
		return key, err
	}
	return key, os.WriteFile(file, data, 0o600)
}

// ReadKey returns the key of a file. The error is also for one without an ID, or with a secret that can be guessed.
func ReadKey(file string) (key AccessKey, err error) {
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, &key)
	}
	if err == nil && (key.ID == "" || len(key.Secret) < 16) {
		err = fmt.Errorf("%s: it needs an id and a secret of at least 16 characters", file)
	}
	return key, err
}

// Exports returns the lines of a shell that have AWS's clients call the API with the key.
func (k AccessKey) Exports(url string) string {
	return fmt.Sprintf(`  export AWS_ENDPOINT_URL=%[1]s AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
  export AWS_ACCESS_KEY_ID=%[2]s AWS_SECRET_ACCESS_KEY=%[3]s
`, url, k.ID, k.Secret)
}

// Sign makes of a request to / a call of AWS JSON, or of a form where the target is "". It signs the host, the time,
// and what selects the operation.
// Source: AWS Identity and Access Management User Guide, "AWS Signature Version 4 for API requests".
func (k AccessKey) Sign(r *http.Request, service, target, body string) {
	stamp := time.Now().UTC().Format("20060102T150405Z")
	r.Header.Set("X-Amz-Date", stamp)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	headers := map[string]string{"host": r.URL.Host, "x-amz-date": stamp}
	if target != "" {
		r.Header.Set("X-Amz-Target", target)
		r.Header.Set("Content-Type", "application/x-amz-json-1.1")
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
	key := []byte("AWS4" + k.Secret)
	text := "AWS4-HMAC-SHA256\n" + stamp + "\n" + scope + "\n" + digest(canonical)
	for _, part := range append(strings.Split(scope, "/"), text) {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(part))
		key = h.Sum(nil)
	}
	r.Header.Set("Authorization", fmt.Sprintf("AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%x",
		k.ID, scope, signed, key))
}
