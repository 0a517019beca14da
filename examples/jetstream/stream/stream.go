package stream

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"
)

// Message is one message of a stream.
type Message struct {
	Sequence uint64
	Kind     string
	Data     []byte
}

// Bounds says where a stream begins and ends. An empty stream has First = Last + 1.
type Bounds struct {
	First, Last uint64
	Identity    string    // differs if the stream was deleted and made again
	Now         time.Time // by the clock of the server that leads the stream
}

// Stream is a stream of messages. It is safe for concurrent use.
type Stream interface {
	// Bounds returns the bounds as the stream's leader has them.
	Bounds(context.Context) (Bounds, error)
	// Publish appends a message, if the last one has the number last, and returns the message's number. A
	// message whose ID the stream has is not appended again: the number is that of the first time. Errors are
	// ErrConflict, ErrInFlight and ErrRefused; after any other the message may be there.
	Publish(ctx context.Context, kind, id string, data []byte, last uint64) (uint64, error)
	// Follow yields the messages from the given number on, in order, and waits for new ones until the context
	// ends. Messages that were purged are left out. An error ends it.
	Follow(ctx context.Context, from uint64) iter.Seq2[Message, error]
	// Latest returns the last message of a kind, and false if there is none.
	Latest(ctx context.Context, kind string) (Message, bool, error)
	// Get returns a message by its number, and false if it is not there.
	Get(ctx context.Context, sequence uint64) (Message, bool, error)
	// Purge removes the messages before a number.
	Purge(ctx context.Context, before uint64) error
	// Limit returns how many bytes a message's data may have.
	Limit() int
}

// Objects keeps objects by name. It is safe for concurrent use.
type Objects interface {
	// Put keeps all that the reader has. An error of the reader leaves no object.
	Put(ctx context.Context, name string, from io.Reader) error
	// Get returns an object; its reader fails at the end if the content is damaged. The caller closes it.
	// ErrNoObject may be the answer of a server that does not have it yet.
	Get(ctx context.Context, name string) (io.ReadCloser, error)
	// Delete removes an object. One that does not exist counts as removed.
	Delete(ctx context.Context, name string) error
	// Names lists the objects, in any order.
	Names(ctx context.Context) ([]string, error)
}

var (
	// ErrConflict is the error of Publish where the last message has another number.
	ErrConflict = errors.New("stream: another message is the last")
	// ErrInFlight is the error of Publish where the same message is on its way already.
	ErrInFlight = errors.New("stream: the same message is on its way")
	// ErrRefused is the error, with the reason, of a message that is not stored, whatever comes.
	ErrRefused = errors.New("stream: the message is refused")
	// ErrNoObject is the error of Get for an object that is not there.
	ErrNoObject = errors.New("stream: no such object")
)
