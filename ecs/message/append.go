package message

import (
	"encoding/json"
	"strconv"

	"github.com/bayplan/bayplan/ecs"
)

// MarshalJSON writes {"type": …, "value": …}. The events of which a plane takes most, TaskStateChange and CommandDone,
// are written without a copy.
func (s SealedEvent) MarshalJSON() ([]byte, error) {
	b := make([]byte, 0, usualEvent)
	switch e := s.Event.(type) {
	case TaskStateChange:
		return sealed(b, "TaskStateChange", e.append)
	case CommandDone:
		if len(e.Datapoints) == 0 {
			return sealed(b, "CommandDone", e.append)
		}
	}
	return seal(b, s.eventName(), s.Event)
}

// usualEvent is how many bytes most events have.
const usualEvent = 320

// sealed appends {"type": …, "value": …}. A name needs no escapes.
func sealed(b []byte, name string, value func([]byte) ([]byte, error)) ([]byte, error) {
	b = append(append(append(b, `{"type":"`...), name...), `","value":`...)
	b, err := value(b)
	return append(b, '}'), err
}

// seal is sealed for any value.
func seal(b []byte, name string, v any) ([]byte, error) {
	return sealed(b, name, func(b []byte) ([]byte, error) { return appendJSON(b, v) })
}

func (e TaskStateChange) append(b []byte) ([]byte, error) {
	b = appendText(append(b, `{"cluster":`...), e.Cluster)
	b = appendText(append(b, `,"task":`...), string(e.Task))
	b = appendMember(b, "instance", string(e.Instance))
	b = appendCount(b, "life", e.Life)
	b = appendCount(b, "sequence", e.Sequence)
	if e.Containers != nil {
		b = append(b, `,"containers":[`...)
		for i, c := range e.Containers {
			if i > 0 {
				b = append(b, ',')
			}
			var err error
			if b, err = c.append(b); err != nil {
				return b, err
			}
		}
		b = append(b, ']')
	}
	b = appendMember(b, "status", string(e.Status))
	b = appendMember(b, "reason", e.Reason)
	b = appendInstant(b, "pullStartedAt", e.PullStartedAt)
	b = appendInstant(b, "pullStoppedAt", e.PullStoppedAt)
	b = appendInstant(b, "executionStoppedAt", e.ExecutionStoppedAt)
	return append(b, '}'), nil
}

func (c ContainerStateChange) append(b []byte) (_ []byte, err error) {
	b = appendText(append(b, `{"name":`...), c.Name)
	b = appendMember(b, "status", string(c.Status))
	if code, ok := c.ExitCode.Get(); ok {
		b = strconv.AppendInt(append(b, `,"exitCode":`...), int64(code), 10)
	}
	b = appendMember(b, "reason", c.Reason)
	b = appendMember(b, "health", string(c.Health))
	b = appendMember(b, "imageDigest", c.ImageDigest)
	b = appendMember(b, "runtimeId", c.RuntimeID)
	if c.NetworkBindings != nil {
		b, err = appendJSON(append(b, `,"networkBindings":`...), c.NetworkBindings)
	}
	return append(b, '}'), err
}

// append is for an outcome without datapoints.
func (e CommandDone) append(b []byte) ([]byte, error) {
	b = appendText(append(b, `{"key":{"op":`...), e.Key.Op)
	b = appendText(append(b, `,"target":`...), e.Key.Target)
	b = append(strconv.AppendUint(append(b, `,"epoch":`...), e.Key.Epoch, 10), '}')
	b = appendMember(b, "error", e.Err)
	if e.Permanent {
		b = append(b, `,"permanent":true`...)
	}
	b = appendMember(b, "privateIpv4Address", e.PrivateIPv4)
	b = appendMember(b, "volumeId", e.VolumeID)
	b = appendMember(b, "hookStatus", string(e.HookStatus))
	if e.CallBackDelay != 0 {
		b = strconv.AppendInt(append(b, `,"callBackDelay":`...), int64(e.CallBackDelay), 10)
	}
	if e.Datapoints != nil {
		b = append(b, `,"datapoints":[]`...)
	}
	return append(b, '}'), nil
}

// appendMember appends a member behind others, unless it is empty.
func appendMember(b []byte, name, text string) []byte {
	if text == "" {
		return b
	}
	return appendText(appendName(b, name), text)
}

func appendCount(b []byte, name string, n uint64) []byte {
	if n == 0 {
		return b
	}
	return strconv.AppendUint(appendName(b, name), n, 10)
}

func appendInstant(b []byte, name string, at ecs.Instant) []byte {
	if at == 0 {
		return b
	}
	number, _ := at.MarshalJSON() // an Instant has JSON
	return append(appendName(b, name), number...)
}

func appendName(b []byte, name string) []byte {
	return append(append(append(b, `,"`...), name...), `":`...)
}

// appendText appends a text as encoding/json does.
func appendText(b []byte, text string) []byte {
	for i := range len(text) {
		switch c := text[i]; {
		case c < ' ', c >= 0x7f, c == '"', c == '\\', c == '<', c == '>', c == '&':
			b, _ = appendJSON(b, text) // a text has JSON
			return b
		}
	}
	return append(append(append(b, '"'), text...), '"')
}

func appendJSON(b []byte, v any) ([]byte, error) {
	data, err := json.Marshal(v)
	return append(b, data...), err
}
