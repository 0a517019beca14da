package stream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// Settings say how a stream is kept.
type Settings struct {
	Name     string // of the installation: letters, digits, - and _; the first part of each subject
	Replicas int    // 1, 3 or 5; 0: 1
	MaxBytes int64  // when the stream is full, appending fails; 0: 1 GiB
	// Monitors are the monitoring URLs, such as http://127.0.0.1:8222, of all servers. Open asks each whether it
	// forces writes to the disk before it acknowledges them.
	Monitors []string
	// Unsynced allows servers that do not, or that Open cannot ask. What was acknowledged may then be lost when
	// several machines lose power together.
	Unsynced bool
}

// duplicates is how long the stream knows a message ID: much longer than a writer repeats a message.
const duplicates = 10 * time.Minute

// roomOfHeaders is what is left of a message's greatest size for its headers and subject.
const roomOfHeaders = 16 << 10

func streamName(name string) string { return name + "-journal" }

// Open makes the stream and the object store, unless they are there. The error names each setting, of the stream that
// is there or of a server, by which something acknowledged could be lost, or the journal could be changed behind its
// writer. Until the servers have a leader Open tries again, as long as the context allows.
func Open(ctx context.Context, nc *nats.Conn, s Settings) (Stream, Objects, error) {
	if err := s.check(); err != nil {
		return nil, nil, err
	}
	if err := s.synced(ctx); err != nil {
		return nil, nil, err
	}
	js, err := jetstream.New(nc)
	if err != nil {
		return nil, nil, err
	}
	want := s.wanted()
	var have jetstream.Stream
	err = persist(ctx, func(ctx context.Context) (err error) {
		have, err = js.Stream(ctx, want.Name)
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			have, err = js.CreateStream(ctx, want)
		}
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("stream: %s: %w", want.Name, err)
	}
	if faults := Faulty(have.CachedInfo().Config, want); len(faults) > 0 {
		return nil, nil, fmt.Errorf("stream: %s was made with other settings: %s", want.Name,
			strings.Join(faults, "; "))
	}
	var store jetstream.ObjectStore
	err = persist(ctx, func(ctx context.Context) (err error) {
		bucket := s.Name + "-snapshots"
		store, err = js.ObjectStore(ctx, bucket)
		if errors.Is(err, jetstream.ErrBucketNotFound) {
			store, err = js.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: bucket, Replicas: want.Replicas,
				Storage: jetstream.FileStorage})
		}
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("stream: snapshots: %w", err)
	}
	limit := int(nc.MaxPayload()) - roomOfHeaders
	return &natsStream{js, s.Name, min(limit, 900<<10)}, natsObjects{store}, nil
}

func (s *Settings) check() error {
	if s.Replicas == 0 {
		s.Replicas = 1
	}
	if s.MaxBytes == 0 {
		s.MaxBytes = 1 << 30
	}
	letters := func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	}
	switch {
	case s.Name == "" || strings.ContainsFunc(s.Name, letters):
		return fmt.Errorf("stream: the name %q has other characters than letters, digits, - and _", s.Name)
	case s.Replicas != 1 && s.Replicas != 3 && s.Replicas != 5:
		return fmt.Errorf("stream: %d replicas are not 1, 3 or 5", s.Replicas)
	case s.MaxBytes < 1<<20:
		return fmt.Errorf("stream: %d bytes are less than 1 MiB", s.MaxBytes)
	}
	return nil
}

func (s *Settings) wanted() jetstream.StreamConfig {
	return jetstream.StreamConfig{Name: streamName(s.Name), Subjects: []string{s.Name + ".journal.*"},
		Storage: jetstream.FileStorage, Replicas: s.Replicas, Retention: jetstream.LimitsPolicy,
		Discard: jetstream.DiscardNew, MaxBytes: s.MaxBytes, MaxMsgs: -1, MaxMsgsPerSubject: -1, MaxMsgSize: -1,
		MaxConsumers: -1, Duplicates: duplicates, DenyDelete: true}
}

// Faulty lists the settings of a stream by which something that was acknowledged could be lost, a reader could be
// told less than is there, or a repeated message could be stored twice.
func Faulty(have, want jetstream.StreamConfig) (faults []string) {
	fault := func(bad bool, format string, args ...any) {
		if bad {
			faults = append(faults, fmt.Sprintf(format, args...))
		}
	}
	fault(have.Storage != jetstream.FileStorage, "storage is %s, not file", have.Storage)
	fault(have.Replicas < want.Replicas, "replicas are %d, fewer than %d", have.Replicas, want.Replicas)
	fault(have.Retention != jetstream.LimitsPolicy, "retention is %s, not limits", have.Retention)
	drops := have.Discard != jetstream.DiscardNew
	fault(drops, "discard is %s, not new: a full stream would drop records", have.Discard)
	fault(have.MaxAge != 0, "max_age is %s: records would end", have.MaxAge)
	fault(have.MaxMsgsPerSubject > 0, "max_msgs_per_subject is %d: records would be dropped", have.MaxMsgsPerSubject)
	fault(have.AllowDirect || have.MirrorDirect, "direct reads are allowed: a replica behind the others may answer")
	fault(have.AllowRollup, "roll-ups are allowed: a message could replace those before it")
	fault(!have.DenyDelete, "messages may be deleted")
	fault(have.DenyPurge, "the stream may not be purged: snapshots would not make room")
	fault(have.Duplicates < want.Duplicates, "duplicate_window is %s, less than %s", have.Duplicates, want.Duplicates)
	fault(have.Mirror != nil || len(have.Sources) > 0, "it is a copy of another stream")
	fault(have.Sealed, "it is sealed")
	fault(have.NoAck, "messages are not acknowledged")
	fault(have.AllowMsgTTL, "messages may have a time to live")
	return faults
}

// synced asks each server whether it forces writes to the disk.
func (s *Settings) synced(ctx context.Context) error {
	if s.Unsynced {
		return nil
	}
	if len(s.Monitors) == 0 {
		return errors.New("stream: nobody says whether the servers force writes to the disk (sync_interval: always); " +
			"name their monitoring URLs, or allow servers that do not")
	}
	for _, url := range s.Monitors {
		always, err := asksSync(ctx, strings.TrimSuffix(url, "/")+"/jsz?config=true")
		if err != nil {
			return fmt.Errorf("stream: the server does not say whether it forces writes to the disk: %w", err)
		}
		if !always {
			return fmt.Errorf("stream: the server at %s does not force writes to the disk: "+
				"set sync_interval: always", url)
		}
	}
	return nil
}

func asksSync(ctx context.Context, url string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false, err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return false, err
	}
	defer answer.Body.Close()
	var said struct {
		Config struct {
			SyncAlways bool `json:"sync_always"`
		} `json:"config"`
	}
	if answer.StatusCode != http.StatusOK {
		return false, fmt.Errorf("%s: %s", url, answer.Status)
	}
	err = json.NewDecoder(http.MaxBytesReader(nil, answer.Body, 1<<20)).Decode(&said)
	return said.Config.SyncAlways, err
}

// persist calls f until it succeeds, each time with a short context: what is asked before there is a leader is never
// answered. Errors that another attempt cannot cure are returned at once.
func persist(ctx context.Context, f func(context.Context) error) error {
	for {
		short, cancel := context.WithTimeout(ctx, attempt)
		err := f(short)
		cancel()
		var api *jetstream.APIError
		refused := errors.As(err, &api) && api.Code < 500
		if err == nil || refused || ctx.Err() != nil || errors.Is(err, nats.ErrConnectionClosed) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(100 * time.Millisecond):
		}
	}
}
