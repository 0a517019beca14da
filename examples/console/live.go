package console

import (
	"errors"
	"net/http"
	"time"
)

// quiet is how long nothing is sent before a comment, by which a connection that is dead is found.
const quiet = 15 * time.Second

// live is the stream of frames of a cluster, as server-sent events.
func (c *Console) live(w http.ResponseWriter, r *http.Request) {
	h, err := c.hub(r.URL.Query().Get("region"))
	var f *feed
	var l *listener
	if err == nil {
		f, l, err = h.listen(c, clusterOf(r.URL.Query().Get("cluster")))
	}
	if err != nil {
		failed(w, http.StatusServiceUnavailable, err)
		return
	}
	defer h.leave(f, l)
	w.Header().Set("Content-Type", "text/event-stream")
	w.WriteHeader(http.StatusOK)
	if err := send(w, "retry: 1000\n\n"); err != nil {
		return
	}
	alive := time.NewTicker(quiet)
	defer alive.Stop()
	for {
		data, err := f.whole(l)
		if err == nil && data != nil {
			err = frameTo(w, data)
		}
		if err != nil {
			return // the page connects again
		}
		select {
		case <-r.Context().Done():
			return
		case data := <-l.frames:
			err = frameTo(w, data)
		case <-alive.C:
			err = send(w, ":\n\n")
		}
		if err != nil {
			return
		}
	}
}

// frameTo sends a frame, which is one line of JSON.
func frameTo(w http.ResponseWriter, data []byte) error {
	return send(w, "data: "+string(data)+"\n\n")
}

// send writes and flushes, within ten seconds: a page that reads nothing is cut off.
func send(w http.ResponseWriter, text string) error {
	rc := http.NewResponseController(w)
	if err := rc.SetWriteDeadline(time.Now().Add(10 * time.Second)); err != nil && !errors.Is(err,
		http.ErrNotSupported) {
		return err
	}
	if _, err := w.Write([]byte(text)); err != nil {
		return err
	}
	return rc.Flush()
}
