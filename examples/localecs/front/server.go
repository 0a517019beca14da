// Package front speaks the HTTP API of Amazon ECS and of Application Auto Scaling in front of a control
// plane, in a simulated world or, with Config.World, in one that is not. It decodes calls into the plane's
// own inputs and encodes the plane's values; it holds no rule of ECS. Of the services around ECS it speaks
// the actions that reach the plane:
//
//	service                    actions                        protocols
//	Amazon ECS                 -members lists them            AWS JSON 1.1
//	Application Auto Scaling   -members lists them            AWS JSON 1.1
//	Amazon CloudWatch          metrics and metric alarms      AWS JSON 1.0, Smithy RPC v2 CBOR, AWS query
//	EC2 Auto Scaling           -members lists them            AWS query
//	Elastic Load Balancing v2  -members lists them            AWS query
//	Amazon ECR                 -members lists them            AWS JSON 1.1
//	AWS Cloud Map              -members lists them            AWS JSON 1.1
//	AWS CodeDeploy             -members lists them            AWS JSON 1.1
//	AWS STS                    GetCallerIdentity              AWS query
//
// Policies with a customized metric, and alarms, read what PutMetricData reports, by namespace, name and
// dimensions. Alarms invoke step scaling policies, and deployments watch them.
//
// Of Elastic Load Balancing it serves load balancers, target groups, listeners, rules, targets and tags (package
// elbv2). A service takes only target groups to which a listener forwards, as in ECS, and its deployments move the
// weights of the listener rules. For tests, PUT /_local/target-groups/NAME makes a target group that needs no
// listener.
//
// Of Amazon ECR it serves the names, tags and manifests of images (package ecr). As soon as there is a repository in
// a Region, a task of an image of the account's registry there that the registry lacks fails to start.
//
// A Server is an http.Handler. Mounted with httptest it is an ECS for tests:
//
//	server, err := front.New(front.Config{Instances: 3, AdvanceOnPoll: true})
//	api := httptest.NewServer(server)
//	client := ecs.NewFromConfig(cfg, func(o *ecs.Options) { o.BaseEndpoint = &api.URL }) // of aws-sdk-go-v2
//
// Besides AWS's operations it serves, for tests:
//
//	POST /_local/advance?by=90s          let time run
//	POST /_local/reset                   begin again (also /moto-api/reset, as clients of moto do)
//	POST /_local/behaviour               how containers of an image behave: {"image": "app:2", "exitAfter": "5s", …}
//	POST /_local/hooks                   what the function of a hook answers: {"function": ARN, "status": "FAILED"}
//	POST /_local/load                    requests onto a service: {"service": "web", "requestsPerMinute": 900}
//	PUT  /_local/target-groups/NAME      make a target group that needs no listener, or change one
//	GET  /_local/explain?service=NAME    what its tasks wait for, and where a further one would go
//	                                     (also task=ID, cluster=NAME)
//	GET  /_local/timeline                what happened; ?format=html is a page, of a window of it with last=15m, or
//	                                     from= and to=, and with find= of what is looked for
//	GET  /                               the console: see examples/console
//
// Answers are text, or JSON with ?format=json or "Accept: application/json". POST and PUT need the header
// X-Localecs ([LocalHeader]) with any value. An HTML form cannot send this header.
//
// # Regions
//
// Each Region has its own world, with its own clusters, IDs and ARNs. A call is for the Region of its
// credential scope, which clients of AWS send with every signature, or else for Config.Region. The first
// call for a Region makes its world. A name that is not a Region of AWS is refused. For a path of
// /_local/, a query such as ?region=us-east-2 names the world. Without it, advance and reset act on all
// worlds, and the other paths on that of Config.Region. Each Region has a journal: that of Config.Region
// is in Config.Journal, and the others are in directories below it.
//
// # Worlds that are not simulated
//
// Config.World is a plane that a driver.Loop runs: a [Live]. Each call is carried out within Loop.Do, and answered when
// it is durable. Nobody sets the time: of /_local/ only explain and timeline are served, and the console has no
// controls of time. What needs a simulation is refused by UnsupportedFeatureException: agents over HTTP, EC2 Auto
// Scaling and account settings, and Amazon ECR without Config.Images. There is one Region. Such a world runs programs:
// give Config.Secret, and listen on loopback, as examples/laptop and examples/docker do.
//
// # Pages in a browser
//
// Any page in a browser can send calls to loopback. So Host must be a name or an address of loopback, one
// of Config.AllowHosts, or the address that the connection was made to; an Origin that is not the
// server's own is refused. A call of AWS JSON needs the header X-Amz-Target, one of RPC v2 the header
// Smithy-Protocol, and one of AWS query a signature or the header Amz-Sdk-Invocation-Id, which clients of
// AWS send. An HTML form cannot send these headers.
//
// An action or a member of an input that is not modelled is refused by an error that names it:
// UnsupportedFeatureException, or the service's own error where it lacks that one (ValidationException of
// Application Auto Scaling, InvalidParameterValue of CloudWatch, ValidationError of STS). A member that
// AWS does not have, or spells with other capital letters, is refused by InvalidParameterException: see
// api.ParseInput. Members lists what becomes of each member of each action; localecs -members prints it.
//
// An instance that is registered over HTTP has its own agent, outside of the simulation: its tasks have
// the statuses that SubmitTaskStateChange reports, unless Config.SimulateAgents is set.
package front

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/console"
)

// Config is the configuration of a Server. The zero Config has no instances and a clock that runs as fast
// as the real one.
type Config struct {
	Seed         uint64
	Region       string   // of calls whose credential scope names none; empty: us-east-1
	Account      string   // empty: 123456789012
	Zones        []string // of Region; empty: a, b and c, as every other Region has
	Instances    int      // how many are registered in each world's default cluster at its start
	InstanceType string   // of them; empty: m5.large
	Speed        float64  // virtual seconds per real second; 0: 1
	Manual       bool     // time runs on request only

	// Journal is the directory that keeps the plane: a new server with the same directory continues where
	// the last one stopped. Each call is durable before it is answered. Empty: nothing is kept.
	Journal string

	// Report is called with what a person should know about the journal's directory when it is opened;
	// nil: nothing is reported.
	Report func(text string)

	// Explain keeps for each placement why the task went there, for /_local/explain?task=. Each placement
	// then reads every instance.
	Explain bool
	// SimulateAgents gives instances that are registered over HTTP simulated agents, as those
	// of Instances have; otherwise their tasks do what SubmitTaskStateChange says.
	SimulateAgents bool

	// AdvanceOnPoll lets time run before each describe call, so that waiters end at once. Time runs until
	// the tasks, services, instances or deployments that the call describes are at rest, for half an hour
	// at most. If they are at rest already, it runs until the next change within a minute.
	AdvanceOnPoll bool
	// Authorizer decides every call by its action and all resources that it names; nil allows all calls.
	// It decides only calls that could be decoded, and no calls of /_local/.
	Authorizer Authorizer
	// Secret returns the secret of an access key. If it is given, calls must be signed with
	// Signature Version 4, X-Amz-Target among the signed headers, for the service that they call
	// and a Region: others are refused with AWS's error codes. /_local/ is not covered.
	Secret func(accessKeyID string) (secret string, ok bool)
	Now    func() time.Time // nil: time.Now

	// World is the only world, that of Region and Account, which its plane must have; nil: worlds are simulated.
	// Nothing of this configuration that is about simulation goes with one, and calls that only a simulated world
	// can carry out are refused.
	World World

	// Images is the registry of World, for Amazon ECR; nil: its calls are refused.
	Images Images

	// AllowHosts are the names, besides those of loopback, that calls may give in Host. Other names are
	// refused, so that a page cannot reach the server by a name that resolves to its address. See also
	// LocalHeader.
	AllowHosts []string
}

// maxBody is the largest request that is read.
const maxBody = 4 << 20

// Server serves the API, with one world for each Region. It is safe for concurrent use.
type Server struct {
	config     Config
	operations map[string]table // by service and action
	services   catalogue
	console    *console.Console

	mu      sync.Mutex // of regions
	regions map[string]*region
}

// New returns a server with one fresh world, that of Config.Region, or with the one that its journal
// holds. The first call for another Region makes its world.
func New(config Config) (*Server, error) {
	config.Region = cmp.Or(config.Region, "us-east-1")
	config.Account = cmp.Or(config.Account, "123456789012")
	config.InstanceType = cmp.Or(config.InstanceType, "m5.large")
	config.Speed = cmp.Or(config.Speed, 1)
	if config.Now == nil {
		config.Now = time.Now
	}
	if len(config.Zones) == 0 {
		config.Zones = zonesOf(config.Region)
	}
	if err := config.check(); err != nil {
		return nil, err
	}
	s := &Server{config: config, operations: operations(), services: services(), regions: map[string]*region{}}
	if config.World != nil {
		refuseSimulated(s.operations, config.Images != nil)
		s.regions[config.Region] = &region{config: config, live: config.World}
	}
	if _, err := s.region(config.Region); err != nil {
		return nil, err
	}
	var err error
	s.console, err = s.newConsole()
	return s, err
}

// check refuses what no world can be made of.
func (c Config) check() error {
	switch {
	case c.Instances < 0:
		return fmt.Errorf("front: Instances is negative: %d", c.Instances)
	case !(c.Speed > 0) || math.IsInf(c.Speed, 0):
		return fmt.Errorf("front: Speed is not positive: %v", c.Speed)
	case slices.Contains(c.Zones, ""):
		return errors.New("front: a zone has no name")
	}
	return c.checkLive()
}

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := s.foreign(r); err != nil {
		refuse(w, http.StatusForbidden, ecs.AccessDeniedException, "Refused: "+err.Error()+".")
		return
	}
	if s.console.Serves(r) {
		s.console.ServeHTTP(w, r)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/_local/") || r.URL.Path == "/moto-api/reset" {
		s.local(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	e, named := exchangeOf(s.services, r, body)
	if err != nil {
		named = tooLarge()
	}
	if named != nil {
		e.refuse(w, named)
		return
	}
	out, err := s.call(r, e, body)
	if err != nil {
		e.refuse(w, err)
		return
	}
	e.protocol.answer(w, e, out)
}

// call carries a call out, from its signature to what it answers.
func (s *Server) call(r *http.Request, e *exchange, body []byte) (any, error) {
	op, ok := s.operations[e.service.name][e.action]
	if !ok {
		return nil, ecs.Fault(unknownOperation, "", fmt.Sprintf("%q is not served.", e.action))
	}
	signed, err := s.authenticate(r, e, body)
	if err != nil {
		return nil, err
	}
	if body, err = e.unpacked(r, body); err != nil {
		return nil, err
	}
	document, err := e.protocol.document(body, op.Input)
	if err != nil {
		return nil, err
	}
	in, decoded, err := op.Decode(r, document)
	if err != nil {
		return nil, err
	}
	world, err := s.region(signed.region)
	if err != nil {
		return nil, err
	}
	if err := s.authorize(r, e, question{Call: Call{AccessKeyID: signed.id}, world: world}, in); err != nil {
		return nil, err
	}
	switch {
	case world.live != nil && e.service.name == "ecr": // its registry is not the plane's
		return decoded(&region{config: world.config, live: world.live, caller: signed.id})
	case world.live != nil:
		return lend(r.Context(), world, decoded)
	}
	out, st, err := world.carryOut(decoded, strings.HasPrefix(e.action, "Describe"))
	if err := world.commit(st); err != nil {
		return nil, err
	}
	return out, err
}

// authorize asks the Authorizer, if there is one, about a caller's decoded call. Everybody may ask who
// they are.
func (s *Server) authorize(r *http.Request, e *exchange, q question, in any) error {
	if s.config.Authorizer == nil || e.service.name == "sts" {
		return nil
	}
	if err := q.about(e.service, e.action, in); err != nil {
		return err
	}
	if from, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
		q.source = from.Addr().Unmap()
	}
	if err := q.authorize(s.config.Authorizer); err != nil {
		return &ecs.Error{Code: ecs.AccessDeniedException, Message: err.Error(), Err: err}
	}
	return nil
}

// refuse writes an error in the words of the call's protocol and service: one code and one message.
func (e *exchange) refuse(w http.ResponseWriter, err error) {
	code, message := summary(err)
	of := e.service
	if _, form := e.protocol.(awsQuery); of == nil && form {
		of = &service{codes: queryCodes()}
	}
	e.protocol.fail(w, e, of.failureOf(code), message)
}

// summary returns the code of an error and one message. Of several faults the first one has the code, and
// the message holds all.
func summary(err error) (ecs.Code, string) {
	code, messages := ecs.ServerException, []string{}
	for e := range ecs.Errors(err) {
		if len(messages) == 0 {
			code = e.Code
		}
		messages = append(messages, e.Message)
	}
	if len(messages) == 0 {
		messages = append(messages, err.Error())
	}
	return code, strings.Join(messages, " ")
}

// answer writes a value as AWS JSON 1.1.
func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("X-Amzn-Requestid", requestID())
	data, err := json.Marshal(v)
	if err != nil {
		status, data = http.StatusInternalServerError, []byte(`{"__type":"ServerException"}`)
	}
	if w.Header().Get("Content-Type") == "" {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	}
	w.WriteHeader(status)
	_, _ = w.Write(data)
}

// requestID is a random UUID.
func requestID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// fail writes an error in AWS JSON.
func fail(w http.ResponseWriter, err error) {
	code, message := summary(err)
	refuse(w, (*service)(nil).failureOf(code).status, code, message)
}

// refuse writes a code and a message in AWS JSON.
func refuse(w http.ResponseWriter, status int, code ecs.Code, message string) {
	w.Header().Set("X-Amzn-Errortype", string(code))
	answer(w, status, map[string]string{"__type": string(code), "message": message})
}
