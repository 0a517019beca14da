package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
)

// slots is how many tags a writer uses.
const slots = 40

// writer changes the tags of a resource, one after the other, through any member. A write that was repeated may be
// carried out once more, much later: its tag rests for a minute. So each tag must have the last value that was
// acknowledged for it.
type writer struct {
	client *client
	arn    string

	mu    sync.Mutex
	acked map[string]int // by tag
	asked map[string]int // the write that is under way
	rests map[string]time.Time
	acks  []ack
}

func newWriter(k *client, arn string) *writer {
	return &writer{client: k, arn: arn, acked: map[string]int{}, asked: map[string]int{}, rests: map[string]time.Time{}}
}

// ack is an acknowledgement of a write.
type ack struct{ began, ended time.Time }

// mostAcks is how many acknowledgements are kept.
const mostAcks = 100_000

// run writes until the context ends.
func (w *writer) run(ctx context.Context) {
	for n := 1; ctx.Err() == nil; n++ {
		tag := fmt.Sprintf("w%d", n%slots)
		w.mu.Lock()
		rests := time.Now().Before(w.rests[tag])
		if !rests {
			w.asked[tag] = n
		}
		w.mu.Unlock()
		if !rests {
			w.write(ctx, tag, n)
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// write repeats one write, each time with the next member, until it is acknowledged.
func (w *writer) write(ctx context.Context, tag string, n int) {
	in := api.TagResourceInput{ResourceArn: w.arn, Tags: []ecs.Tag{{Key: tag, Value: strconv.Itoa(n)}}}
	for i := 0; ctx.Err() == nil; i++ {
		one := *w.client
		at := (n + i) % len(w.client.members)
		one.members = w.client.members[at : at+1]
		began := time.Now()
		short, cancel := context.WithTimeout(ctx, w.client.patient)
		_, status, err := one.attempt(short, one.members[0], "ecs", "AmazonEC2ContainerServiceV20141113.TagResource",
			string(encoded(in)))
		cancel()
		w.mu.Lock()
		if err == nil && status == http.StatusOK {
			w.acked[tag] = n
			w.acks = append(w.acks, ack{began, time.Now()})
			w.acks = w.acks[max(0, len(w.acks)-mostAcks):]
			w.mu.Unlock()
			return
		}
		w.rests[tag] = time.Now().Add(time.Minute)
		w.mu.Unlock()
		select {
		case <-ctx.Done():
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// encoded returns the JSON of a plain value.
func encoded(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

// accepted waits for a write that was begun after a time, and returns how long after that time it was acknowledged.
func (w *writer) accepted(ctx context.Context, after time.Time) (time.Duration, error) {
	for end := time.Now().Add(patience); time.Now().Before(end) && ctx.Err() == nil; time.Sleep(5 * time.Millisecond) {
		w.mu.Lock()
		for _, a := range w.acks[max(0, len(w.acks)-1000):] {
			if a.began.After(after) {
				w.mu.Unlock()
				return a.ended.Sub(after), nil
			}
		}
		w.mu.Unlock()
	}
	return 0, fmt.Errorf("no write was accepted in %s", patience)
}

// lost returns an error if what was acknowledged is not there.
func (w *writer) lost(ctx context.Context) error {
	var out struct{ Tags []ecs.Tag }
	err := w.client.ecs(ctx, "ListTagsForResource", api.ListTagsForResourceInput{ResourceArn: w.arn}, &out)
	if err != nil {
		return err
	}
	there := map[string]string{}
	for _, tag := range out.Tags {
		there[tag.Key] = tag.Value
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for tag, n := range w.acked { //order:any the first that is found
		if got := there[tag]; got != strconv.Itoa(n) && got != strconv.Itoa(w.asked[tag]) {
			return fmt.Errorf("lost: write %d of tag %s was acknowledged, and the tag is %q", n, tag, got)
		}
	}
	return nil
}

// count returns how many writes were acknowledged.
func (w *writer) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.acks)
}
