// Package front speaks the HTTP API of Amazon ECS and of Application Auto Scaling (AWS JSON
// 1.1) in front of a control plane in a simulated world. It decodes into the plane's own
// inputs and encodes its values: no rule of ECS lives here.
//
// A Server is an http.Handler. Mounted with httptest it is an ECS for tests:
//
//	server, err := front.New(front.Config{Instances: 3, AdvanceOnPoll: true})
//	api := httptest.NewServer(server)
//	client := ecs.NewFromConfig(cfg, func(o *ecs.Options) { o.BaseEndpoint = &api.URL }) // of aws-sdk-go-v2
//
// Beside AWS's operations it serves, for tests,
//
//	POST /_local/advance?by=90s          let time run
//	POST /_local/reset                   begin anew (also /moto-api/reset)
//	POST /_local/behaviour               how containers of an image behave: {"image": "app:2", "exitAfter": "5s", …}
//	POST /_local/load                    requests onto a service: {"service": "web", "requestsPerMinute": 900}
//	PUT  /_local/target-groups/NAME      describe a target group
//	GET  /_local/explain?service=NAME    why its next task would go where (also task=ID, cluster=NAME)
//	GET  /_local/timeline                what happened; ?format=html is a page
//
// What is got is text, or JSON with ?format=json or "Accept: application/json".
//
// What is not modelled, an action or a member of its input, is refused by an error that names
// it: UnsupportedFeatureException, or ValidationException of Application Auto Scaling, which has
// no other. So is a member that AWS does not have, or has in another case of letters, by
// InvalidParameterException: see ecs.ParseInput. Members lists what becomes of each
// member of each action; localecs -members prints it.
//
// An instance that is registered over HTTP has an agent of its own: its tasks are in the
// statuses that SubmitTaskStateChange tells, unless Config.SimulateAgents is set.
package front

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/sim"
)

// Config is what a Server is made of. The zero Config has no instances and a clock that
// runs as fast as the real one.
type Config struct {
	Seed         uint64
	Region       string   // empty: us-east-1
	Account      string   // empty: 123456789012
	Zones        []string // empty: a, b and c of the Region
	Instances    int      // registered in the default cluster from the start
	InstanceType string   // of them; empty: m5.large
	Speed        float64  // virtual seconds a real second; 0: 1
	Manual       bool     // time runs on request only

	// Journal is a directory that the plane is kept in: a server that is made with it again
	// goes on where the last one stopped, and every call that was answered had been made
	// durable before. Empty: nothing is kept.
	Journal string
	// Explain keeps for each placement why the task went there, for /_local/explain?task=. It
	// costs a look at every instance a placement.
	Explain bool
	// SimulateAgents gives instances that are registered over HTTP simulated agents, as those
	// of Instances have; otherwise their tasks do what SubmitTaskStateChange says.
	SimulateAgents bool

	// AdvanceOnPoll lets time run before each describe call until the tasks, services,
	// instances or deployments that it describes have come to rest, for half an hour at most,
	// or until the next change within a minute if they are at rest: waiters end at once.
	AdvanceOnPoll bool
	// Authorizer decides every call by action and resource; nil allows all.
	Authorizer Authorizer
	// Secret returns the secret of an access key. If it is given, calls must be signed with
	// Signature Version 4: others are refused with AWS's error codes. /_local/ is not covered.
	Secret func(accessKeyID string) (secret string, ok bool)
	Now    func() time.Time // nil: time.Now
}

// Authorizer decides who may do what. Its error refuses the call, as AccessDeniedException
// with the error's text.
type Authorizer interface {
	Authorize(Call) error
}

// Call is a call to be authorized.
type Call struct {
	Service     string // ecs or application-autoscaling
	Action      string // "CreateService"
	AccessKeyID string // of the credential scope; "" if unsigned
	Region      string
	Cluster     string // the call names, "" for none
	Resource    string // the service, task, instance, definition, ARN or scalable target it names, "" for none
}

// maxBody is the largest request that is read.
const maxBody = 4 << 20

// Server is the API in front of one world. It is safe for concurrent use.
type Server struct {
	config Config
	turn   sync.Mutex // whose turn it is to write to the journal; taken before mu
	mu     sync.Mutex
	world  *sim.World
	store  *store    // nil without a journal
	last   time.Time // real time up to which virtual time has run
	kept   kept

	operations map[string]map[string]operation // by service and action
}

// New returns a server with a fresh world.
func New(config Config) (*Server, error) {
	config.Region = cmp.Or(config.Region, "us-east-1")
	config.Account = cmp.Or(config.Account, "123456789012")
	config.InstanceType = cmp.Or(config.InstanceType, "m5.large")
	config.Speed = cmp.Or(config.Speed, 1)
	if config.Now == nil {
		config.Now = time.Now
	}
	if len(config.Zones) == 0 {
		for _, letter := range []string{"a", "b", "c"} {
			config.Zones = append(config.Zones, config.Region+letter)
		}
	}
	if err := config.check(); err != nil {
		return nil, err
	}
	s := &Server{config: config, operations: operations()}
	return s, s.reset()
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
	return nil
}

// reset begins anew.
func (s *Server) reset() error {
	subnets := map[string]string{}
	for i, zone := range s.config.Zones {
		subnets["subnet-"+zone] = zone
		subnets[fmt.Sprintf("subnet-%08x", i+1)] = zone
	}
	s.last = s.config.Now().Truncate(resolution)
	fresh, err := s.begin(sim.Config{Seed: s.config.Seed, Start: s.last,
		Plane: control.Config{Region: s.config.Region, Account: s.config.Account, ZoneOfSubnet: subnets, Location: time.LoadLocation, Explain: s.config.Explain,
			LaunchRates: control.QuotaLaunchRates()}})
	if err != nil || !fresh || s.config.Instances == 0 {
		return err
	}
	for _, t := range sim.InstanceTypes() {
		if t.Name != s.config.InstanceType {
			continue
		}
		fleet := make([]ecs.ContainerInstance, s.config.Instances)
		for i := range fleet {
			fleet[i] = t.ContainerInstance(s.config.Zones[i%len(s.config.Zones)])
		}
		_, err := s.world.AddFleet("default", fleet)
		return err
	}
	var known []string
	for _, t := range sim.InstanceTypes() {
		known = append(known, t.Name)
	}
	return fmt.Errorf("front: instance type %s is not one of %s", s.config.InstanceType, strings.Join(known, ", "))
}

// resolution is that of the times that AWS answers.
const resolution = time.Millisecond

// catchUp lets virtual time run as far as real time has.
func (s *Server) catchUp() {
	if s.config.Manual {
		return
	}
	passed := float64(s.config.Now().Sub(s.last)) * s.config.Speed
	if by := time.Duration(passed).Truncate(resolution); by > 0 {
		s.world.Advance(by)
		s.last = s.last.Add(time.Duration(float64(by) / s.config.Speed)) // the rest counts next time
	}
}

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, "/_local/") || r.URL.Path == "/moto-api/reset" {
		s.local(w, r)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		fail(w, ecs.Fault(ecs.SerializationException, "", "The request is larger than "+fmt.Sprint(maxBody)+" bytes or could not be read."))
		return
	}
	out, err := s.call(r, body)
	if err != nil {
		fail(w, err)
		return
	}
	answer(w, http.StatusOK, out)
}

func (s *Server) call(r *http.Request, body []byte) (any, error) {
	target := r.Header.Get("X-Amz-Target")
	prefix, action, _ := strings.Cut(target, ".")
	service := map[string]string{"AmazonEC2ContainerServiceV20141113": "ecs", "AnyScaleFrontendService": "application-autoscaling"}[prefix]
	if r.Method != http.MethodPost || service == "" {
		return nil, ecs.Fault("UnknownOperationException", "", fmt.Sprintf("%s %q is no operation of Amazon ECS or Application Auto Scaling.", r.Method, target))
	}
	op, ok := s.operations[service][action]
	if !ok {
		return nil, ecs.Fault("UnknownOperationException", "", fmt.Sprintf("%q is not served.", action))
	}
	if s.config.Secret != nil {
		if err := verify(r, body, s.config.Now(), s.config.Secret); err != nil {
			return nil, err
		}
	}
	if len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	}
	if s.config.Authorizer != nil {
		if err := s.config.Authorizer.Authorize(scope(r, service, action, body)); err != nil {
			return nil, &ecs.Error{Code: ecs.AccessDeniedException, Message: err.Error(), Err: err}
		}
	}
	decoded, err := op.decode(r, body)
	if err != nil {
		return nil, inCodesOf(service, err)
	}
	out, st, err := s.carryOut(decoded, strings.HasPrefix(action, "Describe"))
	if err := s.commit(st); err != nil {
		return nil, err
	}
	return out, err
}

// carryOut carries a call out; its answer may be given after the store's commit.
func (s *Server) carryOut(c call, describes bool) (any, *store, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	if s.config.AdvanceOnPoll && describes {
		out, err := s.poll(c)
		return out, s.store, err
	}
	out, err := c(s)
	return out, s.store, err
}

// inCodesOf returns the faults of a document in the codes of a service: Application Auto Scaling
// has one, but for a document that is broken.
func inCodesOf(service string, err error) error {
	if service == "ecs" {
		return err
	}
	var all ecs.ErrorList
	for e := range ecs.Errors(err) {
		fault := *e
		if fault.Code != ecs.SerializationException {
			fault.Code = ecs.ValidationException
		}
		all = append(all, &fault)
	}
	return all.Err()
}

// scope reads who calls, from SigV4's credential scope, and which cluster the call names.
func scope(r *http.Request, service, action string, body []byte) Call {
	c := Call{Service: service, Action: action}
	if signed, err := parseSignature(r); err == nil {
		c.AccessKeyID, c.Region = signed.id, signed.region
	}
	var named struct {
		Cluster, Service, ServiceName, Task, ContainerInstance, TaskDefinition, ResourceArn, ResourceID, CapacityProvider, Name string
		Services, Tasks, ContainerInstances                                                                                     []string
	}
	_ = json.Unmarshal(body, &named)
	c.Cluster = named.Cluster
	if parts := strings.Split(named.ResourceID, "/"); c.Cluster == "" && len(parts) == 3 {
		c.Cluster = parts[1]
	}
	c.Resource = cmp.Or(named.Service, named.ServiceName, named.Task, named.ContainerInstance, named.ResourceArn, named.ResourceID, named.CapacityProvider,
		strings.Join(named.Services, ","), strings.Join(named.Tasks, ","), strings.Join(named.ContainerInstances, ","), named.TaskDefinition, named.Name)
	return c
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

// fail writes an error as AWS does: the exception's name and one message. Of several faults
// the first one names the exception, and the message holds all.
func fail(w http.ResponseWriter, err error) {
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
	status := http.StatusBadRequest
	if errors.Is(code, ecs.ServerException) {
		status = http.StatusInternalServerError
	}
	w.Header().Set("X-Amzn-Errortype", string(code))
	answer(w, status, map[string]string{"__type": string(code), "message": strings.Join(messages, " ")})
}
