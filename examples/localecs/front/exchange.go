package front

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/localecs/front/query"
)

const unknownOperation ecs.Code = "UnknownOperationException"

// exchange is one call in the words of its protocol.
type exchange struct {
	services catalogue
	service  *service // nil: it could not be told
	action   string
	protocol protocol
}

// protocol reads a call's input and writes its answer.
type protocol interface {
	// document returns the input as JSON.
	document(body []byte, input reflect.Type) ([]byte, error)
	// answer writes what the call returns.
	answer(w http.ResponseWriter, e *exchange, out any)
	// fail writes an error.
	fail(w http.ResponseWriter, e *exchange, f failure, message string)
}

// ofRPC is the path of a call by RPC v2.
var ofRPC = regexp.MustCompile(`^/service/([A-Za-z0-9_]+)/operation/([A-Za-z0-9_]+)$`)

// exchangeOf tells service, action and protocol of a call. What comes first counts: the path of RPC v2,
// the header X-Amz-Target, a form with Action and Version. The exchange can be answered, whatever the error.
func exchangeOf(services catalogue, r *http.Request, body []byte) (*exchange, error) {
	e := &exchange{services: services, protocol: awsJSON{version: "1.1"}}
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		media = ""
	}
	target := r.Header.Get("X-Amz-Target")
	rpc := ofRPC.FindStringSubmatch(r.URL.Path)
	switch {
	case rpc != nil:
		err = e.rpc(r, rpc[1], rpc[2])
	case target != "":
		err = e.json(r, target)
	case media == "application/x-www-form-urlencoded" && r.Method == http.MethodPost:
		err = e.form(r, body)
	default:
		err = errors.New("no operation is named")
	}
	if err == nil && r.Method != http.MethodPost {
		err = errors.New("calls are sent by POST")
	}
	if err == nil {
		return e, nil
	}
	var known *ecs.Error
	if errors.As(err, &known) {
		return e, err
	}
	names := "Amazon ECS, Application Auto Scaling, Amazon CloudWatch, Elastic Load Balancing, EC2 Auto Scaling, " +
		"Amazon ECR, AWS Cloud Map, AWS CodeDeploy or AWS STS"
	return e, ecs.Fault(unknownOperation, "", fmt.Sprintf("%s %q is not an operation of %s: %s.", r.Method, target,
		names, err))
}

// rpc is a call by Smithy RPC v2 CBOR.
func (e *exchange) rpc(r *http.Request, shape, action string) error {
	e.protocol, e.action = rpcCBOR{compatible: r.Header.Get("X-Amzn-Query-Mode") == "true"}, action
	e.service = e.services.by(func(s *service) bool { return s.cbor && s.target == shape })
	switch {
	case r.Header.Get("Smithy-Protocol") != "rpc-v2-cbor":
		return ecs.Fault(ecs.SerializationException, "", "The header Smithy-Protocol must be rpc-v2-cbor.")
	case e.service == nil:
		return errors.New("the service is not served by this protocol")
	}
	return nil
}

// json is a call by AWS JSON.
func (e *exchange) json(r *http.Request, target string) error {
	prefix, action, _ := strings.Cut(target, ".")
	e.action = action
	e.service = e.services.by(func(s *service) bool { return s.version != "" && s.target == prefix })
	if e.service == nil {
		return errors.New("the service is not served")
	}
	e.protocol = awsJSON{version: e.service.version, compatible: r.Header.Get("X-Amzn-Query-Mode") == "true"}
	return nil
}

// form is a call by AWS query. A page in a browser can send forms, though not the headers that every
// client of AWS sends with one.
func (e *exchange) form(r *http.Request, body []byte) error {
	e.protocol = awsQuery{}
	if !slices.ContainsFunc([]string{"Authorization", "X-Amz-Date", "Amz-Sdk-Invocation-Id", LocalHeader},
		func(h string) bool { return r.Header.Get(h) != "" }) {
		return ecs.Fault(missingAuthentication, "", "Missing Authentication Token. A call that is not signed needs "+
			"the header "+
			"Amz-Sdk-Invocation-Id or "+LocalHeader+", with any value: a page cannot send it.")
	}
	form, err := query.Form(string(body))
	if err != nil {
		return err
	}
	e.action = form.Get("Action")
	version := form.Get("Version")
	if version == "" {
		signed, _ := parseSignature(r) // an unsigned call has no scope, and is refused below
		e.service = e.services.by(func(s *service) bool { return s.form != "" && s.scope == signed.service })
	} else {
		e.service = e.services.by(func(s *service) bool { return s.form == version })
	}
	if e.service == nil {
		return fmt.Errorf("action %q of version %q is not served", e.action, version)
	}
	return nil
}

// unpacked returns the body of a call, unpacked where its action allows that. It takes no more memory than
// the largest body may have.
func (e *exchange) unpacked(r *http.Request, body []byte) ([]byte, error) {
	switch encoding := r.Header.Get("Content-Encoding"); {
	case encoding == "" || encoding == "identity":
		return body, nil
	case encoding != "gzip" || !slices.Contains(e.service.gzipped, e.action):
		return nil, ecs.Fault(ecs.SerializationException, "", fmt.Sprintf("The body of %s cannot be encoded as %q.",
			e.action, encoding))
	}
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, ecs.Fault(ecs.SerializationException, "", "The body is not gzip: "+err.Error()+".")
	}
	plain, err := io.ReadAll(io.LimitReader(z, maxBody+1))
	switch {
	case err != nil:
		return nil, ecs.Fault(ecs.SerializationException, "", "The body is not gzip: "+err.Error()+".")
	case len(plain) > maxBody:
		return nil, tooLarge()
	}
	return plain, nil
}

func tooLarge() error {
	return ecs.Fault(ecs.SerializationException, "",
		"The request is larger than "+fmt.Sprint(maxBody)+" bytes or could not be read.")
}
