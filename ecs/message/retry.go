package message

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"time"
)

// Retry says when the plane repeats a command that failed or has no outcome. A value that is zero
// or negative is the default.
type Retry struct {
	Base   time.Duration `json:"base,omitzero"`   // wait after the first failure; 0: 1 s
	Max    time.Duration `json:"max,omitzero"`    // longest wait; 0: 5 min
	Resend time.Duration `json:"resend,omitzero"` // wait for an outcome before the command is issued again; 0: 2 min
}

// WithDefaults returns r with the defaults in place of what is zero or negative.
func (r Retry) WithDefaults() Retry {
	return Retry{Base: cmp.Or(max(r.Base, 0), time.Second), Max: cmp.Or(max(r.Max, 0), 5*time.Minute),
		Resend: cmp.Or(max(r.Resend, 0), 2*time.Minute)}
}

// Wait returns min(Max, Base·2ⁿ) with jitter: between half of it and all of it, hashed
// from the seed, the key and the attempt.
func (r Retry) Wait(seed uint64, k Key, attempt int) time.Duration {
	d := r.Base
	for range attempt {
		if d >= r.Max/2 {
			d = r.Max
			break
		}
		d *= 2
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "%d/%s/%d", seed, k, attempt)
	half := int64(d / 2)
	return time.Duration(half + int64(h.Sum64()%uint64(half+1)))
}
