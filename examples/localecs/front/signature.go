package front

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// The refusals of calls that are not signed as they should be.
const (
	unrecognizedClient    ecs.Code = "UnrecognizedClientException"
	invalidSignature      ecs.Code = "InvalidSignatureException"
	incompleteSignature   ecs.Code = "IncompleteSignatureException"
	missingAuthentication ecs.Code = "MissingAuthenticationTokenException"
)

// maxSkew is how far the clock of who signs may be off.
const maxSkew = 15 * time.Minute

// credential is the credential scope of a signature, "AKID/20260101/us-east-1/ecs/aws4_request".
type credential struct {
	id, date, region, service string
}

// signature is what the Authorization header of Signature Version 4 says.
type signature struct {
	credential
	headers []string
	sum     string
}

// parseSignature reads the Authorization header. Source: AWS Identity and Access Management
// User Guide, "AWS Signature Version 4 for API requests".
func parseSignature(r *http.Request) (signature, error) {
	header := r.Header.Get("Authorization")
	if header == "" {
		return signature{}, ecs.Fault(missingAuthentication, "", "Missing Authentication Token")
	}
	var s signature
	fields, ok := strings.CutPrefix(header, "AWS4-HMAC-SHA256 ")
	for part := range strings.SplitSeq(fields, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Credential":
			if c := strings.Split(value, "/"); len(c) == 5 && c[4] == "aws4_request" {
				s.credential = credential{c[0], c[1], c[2], c[3]}
			}
		case "SignedHeaders":
			s.headers = strings.Split(value, ";")
		case "Signature":
			s.sum = value
		}
	}
	if !ok || s.id == "" || len(s.headers) == 0 || s.sum == "" {
		return signature{}, ecs.Fault(incompleteSignature, "",
			"Authorization header requires 'Credential' parameter, 'Signature' parameter and 'SignedHeaders' "+
				"parameter.")
	}
	return s, nil
}

// authenticate returns the credential scope of a call, which a Secret proves: without one it is only
// what the call says, and a call that says nothing is not refused.
func (s *Server) authenticate(r *http.Request, e *exchange, body []byte) (credential, error) {
	signed, err := parseSignature(r)
	if s.config.Secret == nil {
		return signed.credential, nil
	}
	if err == nil {
		err = signed.scoped(e)
	}
	if err == nil {
		err = signed.verify(r, body, s.config.Now(), s.config.Secret)
	}
	return signed.credential, err
}

// scoped checks that a signature is for the service that is called, and over what selects the
// operation: the headers besides are the caller's matter. The world of its Region is looked for later.
func (s signature) scoped(e *exchange) error {
	if s.service != e.service.scope {
		return ecs.Fault(invalidSignature, "", fmt.Sprintf("Credential should be scoped to correct service: '%s'.",
			e.service.scope))
	}
	must := []string{"host", "x-amz-date"}
	if _, header := e.protocol.(awsJSON); header { // elsewhere the path or the body selects it
		must = append(must, "x-amz-target")
	}
	for _, name := range must {
		if !slices.Contains(s.headers, name) {
			return ecs.Fault(invalidSignature, "",
				fmt.Sprintf("'%s' must be a 'SignedHeader' in the AWS Authorization.", name))
		}
	}
	return nil
}

// verify checks that a request was signed, in the last minutes, with the secret of its
// access key.
func (s signature) verify(
	r *http.Request, body []byte, now time.Time, secret func(accessKeyID string) (string, bool),
) error {
	key, ok := secret(s.id)
	if !ok {
		return ecs.Fault(unrecognizedClient, "", "The security token included in the request is invalid.")
	}
	stamp := r.Header.Get("X-Amz-Date")
	at, err := time.Parse("20060102T150405Z", stamp)
	if err != nil || !strings.HasPrefix(stamp, s.date) {
		return ecs.Fault(incompleteSignature, "",
			"Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
	}
	if off := now.Sub(at); off > maxSkew || off < -maxSkew {
		return ecs.Fault(invalidSignature, "", "Signature expired: "+stamp+" is more than 15 min. from "+
			now.UTC().Format("20060102T150405Z")+".")
	}
	canonical := canonicalRequest(r, s.headers, body)
	digest := sha256.Sum256([]byte(canonical))
	text := strings.Join([]string{"AWS4-HMAC-SHA256", stamp,
		strings.Join([]string{s.date, s.region, s.service, "aws4_request"}, "/"), hex.EncodeToString(digest[:])}, "\n")
	k := []byte("AWS4" + key)
	for _, part := range []string{s.date, s.region, s.service, "aws4_request", text} {
		k = mac(k, part)
	}
	if !hmac.Equal([]byte(hex.EncodeToString(k)), []byte(s.sum)) {
		return ecs.Fault(invalidSignature, "",
			"The request signature we calculated does not match the signature you provided. Check your AWS Secret "+
				"Access Key and signing method. Consult the service documentation for details.")
	}
	return nil
}

func mac(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// canonicalRequest is the text that a signature is over.
func canonicalRequest(r *http.Request, signed []string, body []byte) string {
	path := r.URL.EscapedPath()
	if path == "" {
		path = "/"
	}
	var b strings.Builder
	b.WriteString(r.Method + "\n" + path + "\n" + canonicalQuery(r.URL.Query()) + "\n")
	for _, name := range signed {
		values := r.Header.Values(name)
		switch name {
		case "host":
			values = []string{r.Host}
		case "content-length":
			values = []string{r.Header.Get("Content-Length")}
			if values[0] == "" {
				values[0] = strconv.FormatInt(r.ContentLength, 10)
			}
		}
		values = slices.Clone(values)
		for i, v := range values {
			values[i] = strings.Join(strings.Fields(v), " ")
		}
		b.WriteString(name + ":" + strings.Join(values, ",") + "\n")
	}
	digest := sha256.Sum256(body)
	b.WriteString("\n" + strings.Join(signed, ";") + "\n" + hex.EncodeToString(digest[:]))
	return b.String()
}

func canonicalQuery(q url.Values) string {
	return strings.ReplaceAll(q.Encode(), "+", "%20")
}
