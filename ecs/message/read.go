package message

import (
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/ecs"
)

// byHand returns the row of a type whose values read reads where they are as MarshalJSON writes them, without escapes.
// Everything else is read as before.
func byHand[S, T any](row kind[S], read func(*scanner) T) kind[S] {
	return kind[S]{row.name, row.empty, func(data []byte) (S, error) {
		s := scanner{left: string(data), lead: '{'}
		v := read(&s)
		if of, ok := any(v).(S); ok && !s.failed && s.left == "" {
			return of, nil
		}
		return row.read(data)
	}}
}

// scanner reads JSON without spaces and escapes, whose members come in the order in which it is asked for them. It
// fails at anything else, and reads nothing more.
type scanner struct {
	left   string // what is to be read
	lead   byte   // what stands before the next member of the object: a brace or a comma
	failed bool
}

// pass passes a text over, if it comes next.
func (s *scanner) pass(text string) (passed bool) {
	s.left, passed = strings.CutPrefix(s.left, text)
	return passed
}

// expect passes over what must come next.
func (s *scanner) expect(text string) {
	if !s.pass(text) {
		s.failed = true
	}
}

// member passes the name of a member over, if it comes next.
func (s *scanner) member(name string) bool {
	end := len(name) + 4
	if s.failed || len(s.left) < end || s.left[0] != s.lead || s.left[1] != '"' || s.left[2:end-2] != name ||
		s.left[end-2:end] != `":` {
		return false
	}
	s.left, s.lead = s.left[end:], ','
	return true
}

// end ends an object, which had no members if none was read.
func (s *scanner) end() {
	if s.lead == '{' {
		s.expect("{")
	}
	s.expect("}")
	s.lead = ','
}

// another reports whether another item of a list comes next, which is the one of the given index.
func (s *scanner) another(index int) bool {
	switch {
	case s.failed || index == 0 && s.pass("[]"):
		return false
	case index == 0:
		s.expect("[")
		return !s.failed
	case s.pass(","):
		return true
	}
	s.expect("]")
	return false
}

// quoted reads a text, which shares memory with all that is read.
func (s *scanner) quoted() string {
	if !s.pass(`"`) {
		s.failed = true
		return ""
	}
	for i := range len(s.left) {
		switch c := s.left[i]; {
		case c == '"':
			text := s.left[:i]
			s.left = s.left[i+1:]
			return text
		case c < ' ', c >= 0x7f, c == '\\':
			s.failed = true
			return ""
		}
	}
	s.failed = true
	return ""
}

// text reads the text of a member, if it comes next, which shares memory with all that is read.
func (s *scanner) text(name string) string {
	if !s.member(name) {
		return ""
	}
	return s.quoted()
}

// kept is text for what may be kept for long.
func (s *scanner) kept(name string) string { return strings.Clone(s.text(name)) }

// number reads a number without an exponent.
func (s *scanner) number() string {
	n := 0
	if strings.HasPrefix(s.left, "-") {
		n = 1
	}
	first := n
	n += digits(s.left[n:])
	if n == first || n > first+1 && s.left[first] == '0' {
		s.failed = true
		return ""
	}
	if strings.HasPrefix(s.left[n:], ".") {
		n++
		part := digits(s.left[n:])
		s.failed = s.failed || part == 0
		n += part
	}
	text := s.left[:n]
	s.left = s.left[n:]
	return text
}

// digits returns how many digits a text begins with.
func digits(text string) int {
	n := 0
	for n < len(text) && '0' <= text[n] && text[n] <= '9' {
		n++
	}
	return n
}

// count reads the whole number of a member, if it comes next.
func (s *scanner) count(name string) uint64 {
	if !s.member(name) {
		return 0
	}
	n, err := strconv.ParseUint(s.number(), 10, 64)
	s.failed = s.failed || err != nil
	return n
}

// integer reads a whole number.
func (s *scanner) integer() int {
	n, err := strconv.Atoi(s.number())
	s.failed = s.failed || err != nil
	return n
}

// size reads the whole number of a member, if it comes next.
func (s *scanner) size(name string) int {
	if !s.member(name) {
		return 0
	}
	return s.integer()
}

// instant reads the instant of a member, if it comes next.
func (s *scanner) instant(name string) (at ecs.Instant) {
	if s.member(name) {
		err := at.UnmarshalJSON([]byte(s.number()))
		s.failed = s.failed || err != nil
	}
	return at
}

func (s *scanner) taskStateChange() (e TaskStateChange) {
	e.Cluster = s.text("cluster")
	e.Task = ecs.TaskID(s.text("task"))
	e.Instance = ecs.InstanceID(s.text("instance"))
	e.Life, e.Sequence = s.count("life"), s.count("sequence")
	if s.member("containers") {
		e.Containers = []ContainerStateChange{}
		for i := 0; s.another(i); i++ {
			e.Containers = append(e.Containers, s.container())
		}
	}
	e.Status = ecs.TaskStatus(s.text("status"))
	e.Reason = s.kept("reason")
	e.PullStartedAt, e.PullStoppedAt = s.instant("pullStartedAt"), s.instant("pullStoppedAt")
	e.ExecutionStoppedAt = s.instant("executionStoppedAt")
	s.end()
	return e
}

func (s *scanner) container() (c ContainerStateChange) {
	s.lead = '{'
	c.Name = s.text("name")
	c.Status = ecs.ContainerStatus(s.text("status"))
	if s.member("exitCode") {
		c.ExitCode = ecs.Some(s.integer())
	}
	c.Reason = s.kept("reason")
	c.Health = ecs.HealthStatus(s.text("health"))
	c.ImageDigest, c.RuntimeID = s.kept("imageDigest"), s.kept("runtimeId")
	if s.member("networkBindings") {
		c.NetworkBindings = []ecs.NetworkBinding{}
		for i := 0; s.another(i); i++ {
			c.NetworkBindings = append(c.NetworkBindings, s.binding())
		}
	}
	s.end()
	return c
}

func (s *scanner) binding() (b ecs.NetworkBinding) {
	s.lead = '{'
	b.BindIP = s.kept("bindIP")
	b.ContainerPort, b.HostPort = s.size("containerPort"), s.size("hostPort")
	b.Protocol = ecs.TransportProtocol(s.kept("protocol"))
	b.ContainerPortRange, b.HostPortRange = s.kept("containerPortRange"), s.kept("hostPortRange")
	s.end()
	return b
}

// commandDone reads an outcome without datapoints.
func (s *scanner) commandDone() (e CommandDone) {
	if s.member("key") {
		s.lead = '{'
		e.Key = Key{Op: s.text("op"), Target: s.text("target"), Epoch: s.count("epoch")}
		s.end()
	}
	e.Err = s.kept("error")
	if s.member("permanent") {
		e.Permanent = true
		s.expect("true")
	}
	e.PrivateIPv4, e.VolumeID = s.kept("privateIpv4Address"), s.kept("volumeId")
	e.HookStatus = ecs.LifecycleHookStatus(s.text("hookStatus"))
	e.CallBackDelay = s.size("callBackDelay")
	s.end()
	return e
}
