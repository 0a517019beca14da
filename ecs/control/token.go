package control

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/core"
	"github.com/bayplan/bayplan/ecs/control/internal/rollout"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
)

// tokenLife is how long a client token is remembered at most.
const tokenLife = 24 * time.Hour

// clientToken is what a request with a client token did, so that its repetition does
// nothing more. Source: Amazon ECS API Reference, RunTask and "Ensuring idempotency".
type clientToken struct {
	Token  string      `json:"token"`
	Input  string      `json:"input"`  // hash
	Result []string    `json:"result"` // ARNs of what was made
	Until  ecs.Instant `json:"until"`
}

// tokens are the client tokens that are remembered, oldest first.
type tokens struct {
	list    []*clientToken
	byToken map[string]*clientToken
}

func (k *tokens) add(t *clientToken) {
	k.list = append(k.list, t)
	k.byToken[t.Token] = t
}

// expire forgets the tokens that have been remembered long enough.
func (k *tokens) expire(now ecs.Instant) {
	n := 0
	for n < len(k.list) && k.list[n].Until <= now {
		if t := k.list[n]; k.byToken[t.Token] == t {
			delete(k.byToken, t.Token)
		}
		n++
	}
	k.list = slices.Delete(k.list, 0, n)
}

func digest(in any) string {
	data, _ := json.Marshal(in)
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// remember notes what a request did; without a token it does nothing.
func (p *Plane) remember(token string, in any, result ...string) {
	p.tokens.expire(p.core.Now())
	if token != "" {
		p.tokens.add(&clientToken{Token: token, Input: digest(in), Result: result, Until: p.core.Now().Add(tokenLife)})
	}
}

// recall returns what a request with this token did; done is false when it is a new one: no
// other had the token, or nothing of what that made is known any more. Another input under
// the same token is a ConflictException.
func (p *Plane) recall(token string, in any, known func(arn string) bool) (result []string, done bool, err error) {
	t, ok := p.tokens.byToken[token]
	if !ok || t.Until <= p.core.Now() || !slices.ContainsFunc(t.Result, known) {
		return nil, false, nil
	}
	if t.Input != digest(in) {
		return nil, true, core.Fault(ecs.ConflictException, "clientToken",
			"The client token %s was used with other parameters.", token)
	}
	return t.Result, true, nil
}

// repeatedService finds the service that a CreateService made whose client token is known.
func (p *Plane) repeatedService(in api.CreateServiceInput) (s *services.Service, done bool, err error) {
	known := func(arn string) bool { _, ok := p.services.ServiceByArn(arn); return ok }
	arns, done, err := p.recall(in.ClientToken, in, known)
	if !done || err != nil {
		return nil, done, err
	}
	s, _ = p.services.ServiceByArn(arns[0])
	return s, true, nil
}

// repeatedTaskSet finds the task set that a CreateTaskSet made whose client token is known.
func (p *Plane) repeatedTaskSet(
	s *services.Service, in api.CreateTaskSetInput,
) (set rollout.SetOf, done bool, err error) {
	known := func(arn string) bool { _, err := s.RolloutOf(arn); return err == nil }
	arns, done, err := p.recall(in.ClientToken, in, known)
	if !done || err != nil {
		return rollout.SetOf{}, done, err
	}
	i, err := s.RolloutOf(arns[0])
	if err != nil {
		return rollout.SetOf{}, true, err
	}
	return rollout.SetOf{Service: s, ID: s.State.Rollouts[i].ID}, true, nil
}
