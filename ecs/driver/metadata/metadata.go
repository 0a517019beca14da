package metadata

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/driver"
	"github.com/bayplan/bayplan/ecs/driver/internal/file"
	"github.com/bayplan/bayplan/ecs/driver/internal/wall"
	"github.com/bayplan/bayplan/ecs/message"
)

// Config is the configuration of a Server.
type Config struct {
	// URL is where containers reach the server, such as http://127.0.0.1:51679, without a path. Only
	// requests for its host, and for the addresses that ECS and EC2 use, are answered.
	URL      string
	Cluster  string
	Instance Instance
	// Credentials serves the roles of tasks; nil: tasks have none.
	Credentials *driver.CredentialsEndpoint
	// Keys makes the keys of Instance.Role; nil: the instance has no role.
	Keys driver.RoleKeys
	// File keeps the tasks and the server's secret, with mode 0600, so that containers that outlive the
	// process find what they were told of. Empty: they are forgotten with the process.
	File  string
	Clock driver.Clock // nil: the system's clock
}

// Instance is what instance metadata says about the container instance.
type Instance struct {
	ID, Type, ImageID        string
	Region, AvailabilityZone string
	Account                  string
	PrivateIPv4              string
	Role                     string // ARN of the role of its instance profile
	UserData                 string

	// HopLimit is through how many networks the answer to a request for a token may go; 0: 1.
	HopLimit int
	// Hops tells through how many it goes to the one who asks, by the remote address; nil: one.
	Hops func(*http.Request) int
	// BlockAwsvpc is ECS_AWSVPC_BLOCK_IMDS: instance metadata does not answer tasks of network mode awsvpc.
	BlockAwsvpc bool
	// TokensOptional admits requests without a token, as version 1 of the service does.
	TokensOptional bool
}

// Server is the endpoint of one container instance: an http.Handler, safe for concurrent use.
type Server struct {
	config Config
	base   *url.URL

	mu       sync.Mutex
	secret   []byte
	tasks    map[ecs.TaskID]*task
	known    map[string]reference // by the ID in a container's URL
	byCaller map[string]ecs.TaskID
	file     file.Kept
}

// task is what is known of a task.
type task struct {
	Command message.StartTask       `json:"command"`
	Change  message.TaskStateChange `json:"change"`
	Stops   bool                    `json:"stops,omitzero"`
	Started map[string]ecs.Instant  `json:"started,omitzero"` // by container
	Created ecs.Instant             `json:"created,omitzero"`
}

// reference names a container of a task.
type reference struct {
	task  ecs.TaskID
	index int
}

// kept is what the file has.
type kept struct {
	Secret []byte  `json:"secret"`
	Tasks  []*task `json:"tasks"`
}

// New returns a server that knows the tasks of its file. Errors: a URL that is not one of http, a file that cannot be
// read or is not a server's.
func New(config Config) (*Server, error) {
	if config.Clock == nil {
		config.Clock = wall.Clock{}
	}
	base, err := url.Parse(config.URL)
	if err != nil || base.Scheme != "http" || base.Host == "" || strings.Trim(base.Path, "/") != "" {
		return nil, fmt.Errorf("metadata: %q is not an http URL without a path", config.URL)
	}
	base.Path = ""
	s := &Server{config: config, base: base, file: file.Kept{Path: config.File}, tasks: map[ecs.TaskID]*task{},
		known: map[string]reference{}, byCaller: map[string]ecs.TaskID{}}
	var k kept
	data, err := s.file.Read()
	switch {
	case err != nil:
		return nil, err
	case data == nil:
		k.Secret = make([]byte, 32)
		_, _ = rand.Read(k.Secret) // never fails
	default:
		if err := json.Unmarshal(data, &k); err != nil {
			return nil, fmt.Errorf("metadata: %s is not the state of a server: %w", config.File, err)
		}
		if len(k.Secret) < 32 || slices.Contains(k.Tasks, nil) {
			return nil, fmt.Errorf("metadata: %s is not the state of a server", config.File)
		}
	}
	s.secret = k.Secret
	for _, t := range k.Tasks {
		if err := s.add(t); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Start makes a task known, before its containers start: what an agent does with a StartTask. A command that comes
// again changes nothing. The error is that of [driver.CredentialsEndpoint.Start], or of the file.
func (s *Server) Start(c message.StartTask) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tasks[c.Task] != nil {
		if s.file.Behind() {
			return s.keep()
		}
		return nil
	}
	t := &task{Command: c, Created: ecs.At(s.config.Clock.Now()), Started: map[string]ecs.Instant{}}
	if err := s.add(t); err != nil {
		return err
	}
	return s.keep()
}

// add makes a task known. The lock is held, or nobody else knows the server yet.
func (s *Server) add(t *task) error {
	if s.config.Credentials != nil {
		if err := s.config.Credentials.Start(t.Command); err != nil {
			return err
		}
	}
	s.tasks[t.Command.Task] = t
	for i := range t.Command.TaskDefinition.ContainerDefinitions {
		s.known[s.id(t.Command, i)] = reference{t.Command.Task, i}
	}
	if t.Command.PrivateIPv4 != "" {
		s.byCaller[t.Command.PrivateIPv4] = t.Command.Task
	}
	return nil
}

// Stop says that a task is to stop: its DesiredStatus is STOPPED from now on.
func (s *Server) Stop(c message.StopTask) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.tasks[c.Task]; t != nil {
		t.Stops = true
	}
}

// Observe takes what an agent reports. A TaskStateChange says how a task does; one that says STOPPED forgets the task
// and its credentials. An InstanceReport says so of all tasks, and forgets those, too, that the agent had reported and
// knows no more: the server may have missed their end. Other events change nothing. The error is that of the file.
func (s *Server) Observe(e message.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := len(s.tasks)
	switch e := e.(type) {
	case message.TaskStateChange:
		s.see(e)
	case message.InstanceReport:
		listed := map[ecs.TaskID]bool{}
		for _, c := range e.Tasks {
			listed[c.Task] = true
			s.see(c)
		}
		for id, t := range s.tasks { //order:any each by itself
			if !listed[id] && t.Change.Status != "" {
				s.forget(t)
			}
		}
	}
	if len(s.tasks) != before || s.file.Behind() {
		return s.keep()
	}
	return nil
}

// see notes how a task does. The lock is held.
func (s *Server) see(c message.TaskStateChange) {
	t := s.tasks[c.Task]
	if t == nil {
		return
	}
	t.Change = c
	for _, o := range c.Containers {
		if _, known := t.Started[o.Name]; !known && o.Status == ecs.ContainerStatusRunning {
			if t.Started == nil { // the file had none
				t.Started = map[string]ecs.Instant{}
			}
			t.Started[o.Name] = ecs.At(s.config.Clock.Now())
		}
	}
	if c.Status == ecs.TaskStatusStopped {
		s.forget(t)
	}
}

// forget removes a task.
func (s *Server) forget(t *task) {
	delete(s.tasks, t.Command.Task)
	for i := range t.Command.TaskDefinition.ContainerDefinitions {
		delete(s.known, s.id(t.Command, i))
	}
	if s.byCaller[t.Command.PrivateIPv4] == t.Command.Task {
		delete(s.byCaller, t.Command.PrivateIPv4)
	}
	if s.config.Credentials != nil {
		s.config.Credentials.Stop(t.Command.TaskArn)
	}
}

// keep writes the file.
func (s *Server) keep() error {
	if s.config.File == "" {
		return nil
	}
	k := kept{Secret: s.secret, Tasks: make([]*task, 0, len(s.tasks))}
	for _, t := range s.tasks { //order:any a set
		k.Tasks = append(k.Tasks, t)
	}
	return s.file.Write(k)
}

// id returns the ID in a container's URL, which nobody can guess. It is the same in each life of the server.
func (s *Server) id(c message.StartTask, index int) string {
	return hex.EncodeToString(s.mac("container", c.TaskArn, fmt.Sprint(index))[:16]) + "-" +
		fmt.Sprint(index)
}

// mac signs words with the server's secret.
func (s *Server) mac(words ...string) []byte {
	h := hmac.New(sha256.New, s.secret)
	for _, w := range words {
		fmt.Fprintf(h, "%d %s ", len(w), w)
	}
	return h.Sum(nil)
}

// Environment returns what a container of a task finds in its environment: where its metadata and its credentials are,
// and the Region, unless its definition says which. Where instance metadata is blocked for a task, its SDKs do not ask.
// Source: Amazon ECS Developer Guide, "Amazon ECS task metadata endpoint version 4" and "Amazon ECS task IAM role".
func (s *Server) Environment(c message.StartTask, index int) []ecs.KeyValuePair {
	if index < 0 || index >= len(c.TaskDefinition.ContainerDefinitions) {
		return nil
	}
	id, base := s.id(c, index), s.base.String()
	all := []ecs.KeyValuePair{
		{Name: "ECS_CONTAINER_METADATA_URI_V4", Value: base + "/v4/" + id},
		{Name: "ECS_CONTAINER_METADATA_URI", Value: base + "/v3/" + id},
		{Name: "AWS_EXECUTION_ENV", Value: "AWS_ECS_EC2"},
	}
	if s.blocked(c) {
		all = append(all, ecs.KeyValuePair{Name: "AWS_EC2_METADATA_DISABLED", Value: "true"})
	} else {
		all = append(all, ecs.KeyValuePair{Name: "AWS_EC2_METADATA_SERVICE_ENDPOINT", Value: base})
	}
	if s.config.Credentials != nil {
		if relative, ok := s.config.Credentials.RelativeURI(c.TaskArn); ok {
			if s.base.Host == credentialsHost {
				all = append(all, ecs.KeyValuePair{Name: "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", Value: relative})
			} else {
				all = append(all, ecs.KeyValuePair{Name: "AWS_CONTAINER_CREDENTIALS_FULL_URI", Value: base + relative})
			}
		}
	}
	region := s.config.Instance.Region
	for _, v := range c.TaskDefinition.ContainerDefinitions[index].Environment {
		if v.Name == "AWS_REGION" || v.Name == "AWS_DEFAULT_REGION" {
			region = ""
		}
	}
	if region != "" {
		all = append(all, ecs.KeyValuePair{Name: "AWS_REGION", Value: region},
			ecs.KeyValuePair{Name: "AWS_DEFAULT_REGION", Value: region})
	}
	return all
}

// blocked reports whether a task may not read instance metadata.
func (s *Server) blocked(c message.StartTask) bool {
	return s.config.Instance.BlockAwsvpc && c.TaskDefinition.NetworkMode == ecs.NetworkModeAwsvpc
}

// The addresses that AWS SDKs know.
const (
	credentialsHost = "169.254.170.2"
	instanceHost    = "169.254.169.254"
)

// ServeHTTP answers a container.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Host != s.base.Host && r.Host != credentialsHost && r.Host != instanceHost || r.Header.Get("Origin") != "" {
		http.Error(w, "this endpoint is for containers", http.StatusForbidden) // a page in a browser asks
		return
	}
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/latest/"):
		s.instance(w, r)
	case r.Method != http.MethodGet:
		http.Error(w, "GET is what can be asked", http.StatusMethodNotAllowed)
	case strings.HasPrefix(path, "/v3/"), strings.HasPrefix(path, "/v4/"):
		s.task(w, path)
	case s.config.Credentials != nil && (strings.HasPrefix(path, "/v2/credentials/") || path == "/v1/credentials"):
		s.config.Credentials.ServeHTTP(w, r)
	default:
		http.NotFound(w, r)
	}
}

// caller returns the awsvpc task whose address a request comes from; "" if it is none.
func (s *Server) caller(r *http.Request) ecs.TaskID {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byCaller[host]
}

// answer writes a value as JSON.
func answer(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // the caller may have gone
}
