package control

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// tokenLife is how long a client token is remembered.
const tokenLife = 24 * time.Hour

// clientToken is what a request with a client token did, so that its repetition does
// nothing more. Source: Amazon ECS API Reference, RunTask and "Ensuring idempotency".
type clientToken struct {
	Token  string      `json:"token"`
	Input  string      `json:"input"` // hash
	Result []string    `json:"result"`
	Until  ecs.Instant `json:"until"`
}

func digest(in any) string {
	data, _ := json.Marshal(in)
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// remember notes what a request did; without a token it does nothing.
func (p *Plane) remember(token string, in any, result ...string) {
	p.tokens = slices.DeleteFunc(p.tokens, func(t clientToken) bool { return t.Until <= p.now() })
	if token != "" {
		p.tokens = append(p.tokens, clientToken{Token: token, Input: digest(in), Result: result, Until: p.now().Add(tokenLife)})
	}
}

// recall returns what a request with this token did; done is false when it is a new one.
// Another input under the same token is a ConflictException.
func (p *Plane) recall(token string, in any) (result []string, done bool, err error) {
	for _, t := range p.tokens {
		if token == "" || t.Token != token || t.Until <= p.now() {
			continue
		}
		if t.Input != digest(in) {
			return nil, true, fault(ecs.ConflictException, "clientToken", "The client token %s was used with other parameters.", token)
		}
		return t.Result, true, nil
	}
	return nil, false, nil
}

// repeatedService answers a CreateService whose client token is known.
func (p *Plane) repeatedService(in ecs.CreateServiceInput) (ecs.Service, bool, error) {
	arns, done, err := p.recall(in.ClientToken, in)
	if !done || err != nil {
		return ecs.Service{}, done, err
	}
	s, ok := p.serviceByArn(arns[0])
	if !ok {
		return ecs.Service{}, false, nil
	}
	return p.serviceView(s), true, nil
}
