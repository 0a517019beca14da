// Package core is the floor that every room of the control plane stands on: the clock, the changes
// that a person would watch, IDs and ARNs, and the pages of lists. It knows no cluster, task or service.
package core

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/message"
)

// Config is where a plane is, and what its IDs follow from.
type Config struct {
	Seed              uint64
	Partition         string
	Region            string
	Account           string
	CredentialsSecret string
}

// Position is the part of the state that names and orders things.
type Position struct {
	Now     ecs.Instant `json:"now"`
	Records uint64      `json:"records"`
	IDs     uint64      `json:"ids"`
}

// Core is the clock, the changes and the IDs of one plane.
type Core struct {
	Changes Queue[message.Change] // what a person would watch

	config   Config
	position *Position
}

// New returns a Core that counts on the plane's counters, which a refused request puts back.
func New(config Config, position *Position) *Core {
	return &Core{config: config, position: position}
}

// Now returns the time of the input that is carried out.
func (c *Core) Now() ecs.Instant { return c.position.Now }

// NextMinute returns the next full minute after now.
func (c *Core) NextMinute() ecs.Instant {
	return ecs.At(time.Unix(0, int64(c.position.Now)).UTC().Truncate(time.Minute).Add(time.Minute))
}

// Change notes a change, as of now.
func (c *Core) Change(change message.Change) {
	change.At = c.position.Now
	c.Changes.Add(change)
}

// HexID returns 32 hexadecimal digits, the form of ECS's long IDs, from the seed and a counter: the
// same plane gives the same IDs, and no two are equal.
func (c *Core) HexID() string {
	c.position.IDs++
	hi := mix(c.config.Seed ^ mix(c.position.IDs))
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], hi)
	binary.BigEndian.PutUint64(id[8:], mix(hi^c.position.IDs)^c.position.IDs<<1)
	var digits [2 * len(id)]byte
	hex.Encode(digits[:], id[:])
	return string(digits[:])
}

// Seed returns the seed of the next random choice.
func (c *Core) Seed() uint64 {
	c.position.IDs++
	return mix(c.config.Seed ^ mix(c.position.IDs))
}

// UUID returns an ID in UUID form from the seed and a counter.
func (c *Core) UUID() string { return dashed(c.HexID()) }

// DeploymentID returns "ecs-svc/" and 19 digits.
func (c *Core) DeploymentID() string {
	c.position.IDs++
	return fmt.Sprintf("ecs-svc/%019d",
		1_000_000_000_000_000_000+mix(c.config.Seed^mix(c.position.IDs))%8_000_000_000_000_000_000)
}

// CredentialsID returns an ID in UUID form that nobody can guess without the secret; "" where there
// is no secret: anyone could compute an ID that follows from the task alone.
func (c *Core) CredentialsID(task ecs.TaskID, kind string) string {
	if c.config.CredentialsSecret == "" {
		return ""
	}
	mac := hmac.New(sha256.New, []byte(c.config.CredentialsSecret))
	mac.Write([]byte(kind + "/" + string(task)))
	return dashed(hex.EncodeToString(mac.Sum(nil)[:16]))
}

// ARN returns the ARN of a resource of an AWS service in the plane's account and Region.
func (c *Core) ARN(service, resource string) string {
	return "arn:" + c.config.Partition + ":" + service + ":" + c.config.Region + ":" + c.config.Account + ":" + resource
}

// GlobalARN returns the ARN of a resource of an AWS service that has no Regions.
func (c *Core) GlobalARN(service, resource string) string {
	return "arn:" + c.config.Partition + ":" + service + "::" + c.config.Account + ":" + resource
}

// NameBasedID returns an ID in UUID form that is the same for the same names.
func NameBasedID(names ...string) string {
	h := sha256.New()
	for _, name := range names {
		fmt.Fprintf(h, "%d:%s", len(name), name)
	}
	return dashed(hex.EncodeToString(h.Sum(nil)[:16]))
}

// NameOf returns the last part of an ARN, or the text itself when it is not an ARN.
func NameOf(ref string) string {
	if i := strings.LastIndexByte(ref, '/'); i >= 0 {
		return ref[i+1:]
	}
	return ref
}

// Fault returns an error of one fault.
func Fault(code ecs.Code, field, format string, args ...any) error {
	return ecs.ErrorList{ecs.Fault(code, field, fmt.Sprintf(format, args...))}
}

// Says returns what the first fault of an error says, without its code and field: for a fault of another code.
func Says(err error) string {
	for e := range ecs.Errors(err) {
		return e.Message
	}
	return err.Error()
}

// Complain notes a fault that a Check has found.
type Complain func(format string, args ...any)

// dashed writes the first 32 digits in UUID form.
func dashed(s string) string {
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

// mix is the finalizer of SplitMix64: a bijection on 64-bit words.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
