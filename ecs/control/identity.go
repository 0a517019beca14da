package control

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// hexID returns 32 hexadecimal digits, the form of ECS's long IDs, from the seed and a
// counter: the same plane gives the same IDs, and no two are equal.
func (p *Plane) hexID() string {
	p.state.IDs++
	hi := mix(p.config.Seed ^ mix(p.state.IDs))
	return fmt.Sprintf("%016x%016x", hi, mix(hi^p.state.IDs)^p.state.IDs<<1)
}

// newTaskID returns an ID that no task has, even where a State's counter lags behind its tasks.
func (p *Plane) newTaskID() ecs.TaskID {
	for {
		id := ecs.TaskID(p.hexID())
		if _, taken := p.byTask[id]; !taken {
			return id
		}
	}
}

// newInstanceID returns an ID that no instance of a cluster has.
func (p *Plane) newInstanceID(c *cluster) string {
	for {
		id := p.hexID()
		if _, taken := c.byInstance[ecs.InstanceID(id)]; !taken {
			return id
		}
	}
}

// deploymentID returns "ecs-svc/" and 19 digits.
func (p *Plane) deploymentID() string {
	p.state.IDs++
	return fmt.Sprintf("ecs-svc/%019d", 1_000_000_000_000_000_000+mix(p.config.Seed^mix(p.state.IDs))%8_000_000_000_000_000_000)
}

// mix is the finalizer of SplitMix64: a bijection on 64-bit words.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// credentialsID returns an ID in UUID form that nobody can guess without the secret; "" where
// there is none: an ID made of the task's alone would be everybody's.
func (p *Plane) credentialsID(task ecs.TaskID, kind string) string {
	if p.config.CredentialsSecret == "" {
		return ""
	}
	mac := hmac.New(sha256.New, []byte(p.config.CredentialsSecret))
	mac.Write([]byte(kind + "/" + string(task)))
	s := hex.EncodeToString(mac.Sum(nil)[:16])
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}

func (p *Plane) arn(resource string) string {
	return "arn:" + p.config.Partition + ":ecs:" + p.config.Region + ":" + p.config.Account + ":" + resource
}

// nameOf returns the last part of an ARN, or the text itself when it is no ARN.
func nameOf(ref string) string {
	if i := strings.LastIndexByte(ref, '/'); i >= 0 {
		return ref[i+1:]
	}
	return ref
}

// uuid returns an ID in UUID form from the seed and a counter.
func (p *Plane) uuid() string {
	s := p.hexID()
	return s[:8] + "-" + s[8:12] + "-" + s[12:16] + "-" + s[16:20] + "-" + s[20:]
}
