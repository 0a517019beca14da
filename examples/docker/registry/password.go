package registry

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// claim is what a password says, and what its signature proves.
type claim struct {
	Key   string `json:"key"`   // the access key ID whose rights it gives
	Until int64  `json:"until"` // seconds since 1970
	Nonce string `json:"nonce"` // so that no two passwords are the same
}

// Why a password opens nothing.
var (
	errNoPassword = errors.New("not a password of this registry")
	errExpired    = errors.New("the password has ended")
)

// Password returns a password of the user AWS that gives the rights of an access key until a time. It has letters,
// digits, and . _ - only.
func (r *Registry) Password(accessKeyID string, until time.Time) (string, error) {
	data, err := json.Marshal(claim{accessKeyID, until.Unix(), rand.Text()})
	if err != nil {
		return "", err
	}
	text := base64.RawURLEncoding.EncodeToString(data)
	return text + "." + base64.RawURLEncoding.EncodeToString(r.sign(text)), nil
}

func (r *Registry) sign(text string) []byte {
	h := hmac.New(sha256.New, r.secret)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// caller returns the access key ID of a password.
func (r *Registry) caller(password string) (string, error) {
	text, sum, _ := strings.Cut(password, ".")
	signed, err := base64.RawURLEncoding.DecodeString(sum)
	if err != nil || !hmac.Equal(signed, r.sign(text)) {
		return "", errNoPassword
	}
	var c claim
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(data, &c)
	}
	if err != nil {
		return "", errNoPassword
	}
	if r.config.Now().Unix() >= c.Until {
		return "", errExpired
	}
	return c.Key, nil
}
