package front

import (
	"bytes"
	"net/http"
	"reflect"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/localecs/front/cbor"
	"github.com/bayplan/bayplan/examples/localecs/front/query"
	"github.com/bayplan/bayplan/examples/localecs/front/shape"
)

// awsJSON is AWS JSON 1.0 and 1.1.
type awsJSON struct {
	version    string
	compatible bool // the client was made for XML, and wants to know its error codes
}

func (awsJSON) document(body []byte, _ reflect.Type) ([]byte, error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return []byte("{}"), nil
	}
	return body, nil
}

func (p awsJSON) answer(w http.ResponseWriter, _ *exchange, out any) {
	w.Header().Set("Content-Type", "application/x-amz-json-"+p.version)
	answer(w, http.StatusOK, out)
}

func (p awsJSON) fail(w http.ResponseWriter, _ *exchange, f failure, message string) {
	w.Header().Set("Content-Type", "application/x-amz-json-"+p.version)
	queryError(w, p.compatible, f)
	refuse(w, f.status, f.code, message)
}

// queryError names the error code of the query protocol.
// Source: Smithy 2.0, "AWS query compatible trait".
func queryError(w http.ResponseWriter, compatible bool, f failure) {
	if compatible {
		w.Header().Set("X-Amzn-Query-Error", f.query+";"+fault(f))
	}
}

// fault says whose fault a failure is.
func fault(f failure) string {
	if f.status >= http.StatusInternalServerError {
		return "Receiver"
	}
	return "Sender"
}

// rpcCBOR is Smithy RPC v2 CBOR.
type rpcCBOR struct{ compatible bool }

func (rpcCBOR) document(body []byte, _ reflect.Type) ([]byte, error) { return cbor.Document(body) }

func (p rpcCBOR) answer(w http.ResponseWriter, e *exchange, out any) {
	v, err := shape.Of(out)
	if err != nil {
		p.fail(w, e, e.service.failureOf(ecs.ServerException), err.Error())
		return
	}
	p.write(w, http.StatusOK, v)
}

func (p rpcCBOR) fail(w http.ResponseWriter, _ *exchange, f failure, message string) {
	queryError(w, p.compatible, f)
	if f.code == unknownOperation {
		f.status = http.StatusNotFound
	}
	p.write(w, f.status, shape.Structure{{Name: "__type", Value: string(f.code)}, {Name: "message", Value: message}})
}

func (rpcCBOR) write(w http.ResponseWriter, status int, v shape.Value) {
	w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
	respond(w, status, "application/cbor", requestID(), cbor.Encode(v))
}

// awsQuery is AWS query.
type awsQuery struct{}

func (awsQuery) document(body []byte, input reflect.Type) ([]byte, error) {
	form, err := query.Form(string(body))
	if err != nil {
		return nil, err
	}
	return query.Document(form, input)
}

func (p awsQuery) answer(w http.ResponseWriter, e *exchange, out any) {
	v, err := shape.Of(out)
	if err != nil {
		p.fail(w, e, e.service.failureOf(ecs.ServerException), err.Error())
		return
	}
	id := requestID()
	respond(w, http.StatusOK, "text/xml", id, e.service.xml.Answer(e.action, id, v))
}

func (awsQuery) fail(w http.ResponseWriter, e *exchange, f failure, message string) {
	api := query.API{}
	if e.service != nil {
		api = e.service.xml
	}
	switch f.query { // in JSON these are 400
	case "AccessDenied", "InvalidClientTokenId", "SignatureDoesNotMatch", "MissingAuthenticationToken":
		f.status = http.StatusForbidden
	}
	id := requestID()
	respond(w, f.status, "text/xml", id, api.Fault(id, f.query, message, fault(f) == "Sender"))
}

// respond writes an answer.
func respond(w http.ResponseWriter, status int, media, id string, body []byte) {
	w.Header().Set("X-Amzn-Requestid", id)
	w.Header().Set("Content-Type", media)
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
