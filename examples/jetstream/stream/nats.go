package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The codes of JetStream's errors that Publish tells apart, and those after which no attempt will succeed.
const (
	codeWrongLast         = 10071 // the last message has another number
	codeWrongLastConstant = 10164 // the same, where a batch or more than one replica found it
	codeInFlight          = 10158 // the same message ID is on its way
	codeTooLarge          = 10054
	codeNotFound          = 10037
	codeStreamNotFound    = 10059
	codeStoreFailed       = 10077 // the stream is full
)

// attempt is how long one request to a server may take: a server may never answer.
const attempt = 2 * time.Second

// natsStream is a Stream of JetStream.
type natsStream struct {
	js    jetstream.JetStream
	name  string
	limit int
}

// subject returns the subject of a kind of messages.
func (s *natsStream) subject(kind string) string { return s.name + ".journal." + kind }

// kindOf returns the kind of messages of a subject.
func (s *natsStream) kindOf(subject string) string {
	return strings.TrimPrefix(subject, s.name+".journal.")
}

// stream returns the handle, with what the stream's leader says of it now.
func (s *natsStream) stream(ctx context.Context) (jetstream.Stream, error) {
	ctx, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	return s.js.Stream(ctx, streamName(s.name))
}

// Bounds asks the stream's leader.
func (s *natsStream) Bounds(ctx context.Context) (Bounds, error) {
	h, err := s.stream(ctx)
	if err != nil {
		return Bounds{}, err
	}
	info := h.CachedInfo()
	b := Bounds{info.State.FirstSeq, info.State.LastSeq, info.Created.UTC().Format(time.RFC3339Nano),
		info.TimeStamp}
	if info.State.Msgs == 0 {
		b.First = b.Last + 1
	}
	return b, nil
}

// Publish makes one attempt.
func (s *natsStream) Publish(ctx context.Context, kind, id string, data []byte, last uint64) (uint64, error) {
	ctx, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	ack, err := s.js.PublishMsg(ctx, &nats.Msg{Subject: s.subject(kind), Data: data}, jetstream.WithMsgID(id),
		jetstream.WithExpectLastSequence(last), jetstream.WithRetryAttempts(0))
	if err == nil {
		return ack.Sequence, nil
	}
	switch codeOf(err) {
	case codeWrongLast, codeWrongLastConstant:
		return s.own(ctx, id, last+1)
	case codeInFlight:
		return 0, ErrInFlight
	case codeTooLarge, codeStoreFailed:
		return 0, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if errors.Is(err, nats.ErrMaxPayload) {
		return 0, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return 0, err
}

// own returns the number of the message that stands in the way of another, if it is that message itself: a server with
// one replica compares the last number before it looks for duplicates.
func (s *natsStream) own(ctx context.Context, id string, sequence uint64) (uint64, error) {
	h, err := s.js.Stream(ctx, streamName(s.name))
	if err != nil {
		return 0, err
	}
	raw, err := h.GetMsg(ctx, sequence)
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound) || codeOf(err) == codeNotFound:
		return 0, ErrConflict
	case err != nil:
		return 0, err // not known yet
	case raw.Header.Get(jetstream.MsgIDHeader) != id:
		return 0, ErrConflict
	}
	return sequence, nil
}

// codeOf returns the code of a JetStream error; 0 for another.
func codeOf(err error) int {
	var api *jetstream.APIError
	if errors.As(err, &api) {
		return int(api.ErrorCode)
	}
	return 0
}

// Follow reads with a consumer that sees every message in order. A replica behind the others may serve it: what it
// has is committed, and what it does not have yet comes later.
func (s *natsStream) Follow(ctx context.Context, from uint64) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		h, err := s.stream(ctx)
		if err != nil {
			yield(Message{}, err)
			return
		}
		short, cancel := context.WithTimeout(ctx, attempt)
		c, err := h.OrderedConsumer(short, jetstream.OrderedConsumerConfig{
			DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: max(from, 1)})
		cancel()
		if err != nil {
			yield(Message{}, err)
			return
		}
		list, err := c.Messages()
		if err != nil {
			yield(Message{}, err)
			return
		}
		defer list.Stop()
		for {
			msg, err := list.Next(jetstream.NextContext(ctx))
			if err != nil {
				yield(Message{}, err)
				return
			}
			meta, err := msg.Metadata()
			if err != nil {
				yield(Message{}, err)
				return
			}
			if meta.Sequence.Stream < from {
				continue
			}
			if !yield(Message{meta.Sequence.Stream, s.kindOf(msg.Subject()), msg.Data()}, nil) {
				return
			}
		}
	}
}

// Latest asks the stream's leader, since the stream allows no direct reads.
func (s *natsStream) Latest(ctx context.Context, kind string) (Message, bool, error) {
	return s.get(ctx, func(ctx context.Context, h jetstream.Stream) (*jetstream.RawStreamMsg, error) {
		return h.GetLastMsgForSubject(ctx, s.subject(kind))
	})
}

// Get asks the stream's leader.
func (s *natsStream) Get(ctx context.Context, sequence uint64) (Message, bool, error) {
	return s.get(ctx, func(ctx context.Context, h jetstream.Stream) (*jetstream.RawStreamMsg, error) {
		return h.GetMsg(ctx, sequence)
	})
}

func (s *natsStream) get(
	ctx context.Context, ask func(context.Context, jetstream.Stream) (*jetstream.RawStreamMsg, error),
) (Message, bool, error) {
	h, err := s.stream(ctx)
	if err != nil {
		return Message{}, false, err
	}
	ctx, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	raw, err := ask(ctx, h)
	switch {
	case errors.Is(err, jetstream.ErrMsgNotFound) || codeOf(err) == codeNotFound:
		return Message{}, false, nil
	case err != nil:
		return Message{}, false, err
	}
	return Message{raw.Sequence, s.kindOf(raw.Subject), raw.Data}, true, nil
}

// Purge removes the messages before a number.
func (s *natsStream) Purge(ctx context.Context, before uint64) error {
	h, err := s.stream(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*attempt)
	defer cancel()
	return h.Purge(ctx, jetstream.WithPurgeSequence(before))
}

// Limit returns how many bytes a message's data may have.
func (s *natsStream) Limit() int { return s.limit }

// natsObjects is Objects in a JetStream object store.
type natsObjects struct{ store jetstream.ObjectStore }

// chunkBytes is the size of the chunks in which an object is stored.
const chunkBytes = 512 << 10

// Put keeps all that the reader has.
func (o natsObjects) Put(ctx context.Context, name string, from io.Reader) error {
	_, err := o.store.Put(ctx, jetstream.ObjectMeta{Name: name, Opts: &jetstream.ObjectMetaOptions{
		ChunkSize: chunkBytes}}, from)
	return err
}

// Get returns an object. The client checks its SHA-256 at the end.
func (o natsObjects) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	found, err := o.store.Get(ctx, name)
	if errors.Is(err, jetstream.ErrObjectNotFound) {
		return nil, fmt.Errorf("%w: %s", ErrNoObject, name)
	}
	return found, err
}

// Delete removes an object.
func (o natsObjects) Delete(ctx context.Context, name string) error {
	if err := o.store.Delete(ctx, name); err != nil && !errors.Is(err, jetstream.ErrObjectNotFound) {
		return err
	}
	return nil
}

// Names lists the objects.
func (o natsObjects) Names(ctx context.Context) (names []string, err error) {
	list, err := o.store.List(ctx)
	if errors.Is(err, jetstream.ErrNoObjectsFound) {
		return nil, nil
	}
	for _, info := range list {
		names = append(names, info.Name)
	}
	return names, err
}
