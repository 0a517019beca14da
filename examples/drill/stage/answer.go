package stage

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/bayplan/bayplan/examples/localecs/front/query"
)

// requestID is that of every call that the drill answers itself.
const requestID = "00000000-0000-4000-8000-000000000000"

// answer is what a call is answered with, before it is sent.
type answer struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func newAnswer() *answer { return &answer{header: http.Header{}} }

// Header is http.ResponseWriter's.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader is http.ResponseWriter's.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

// Write is http.ResponseWriter's.
func (a *answer) Write(data []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(data)
}

// send sends it to the client, which may have gone.
func (a *answer) send(w http.ResponseWriter) {
	for key, values := range a.header { //order:any headers have no order
		w.Header()[key] = values
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes())
}

// code is the code of the error that is answered, or "".
func (a *answer) code() string {
	if a.status < http.StatusBadRequest {
		return ""
	}
	var named struct {
		Type string `json:"__type"`
	}
	if err := json.Unmarshal(a.body.Bytes(), &named); err == nil && named.Type != "" {
		return shortened(named.Type)
	}
	_, rest, found := strings.Cut(a.body.String(), "<Code>")
	if code, _, ends := strings.Cut(rest, "</Code>"); found && ends {
		return shortened(code)
	}
	return fmt.Sprint("HTTP ", a.status)
}

// refuse is an error in the form that the client reads: XML for the query protocol, JSON for all others.
func refuse(r *http.Request, status int, code, message string) *answer {
	a := newAnswer()
	a.header.Set("X-Amzn-Requestid", requestID)
	a.status = status
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		a.header.Set("Content-Type", "text/xml")
		a.body.Write(query.API{}.Fault(requestID, code, message, true))
		return a
	}
	a.header.Set("Content-Type", "application/x-amz-json-1.1")
	a.header.Set("X-Amzn-Errortype", code)
	data, err := json.Marshal(map[string]string{"__type": code, "message": message})
	if err == nil {
		a.body.Write(data)
	}
	return a
}
