//go:build !js

// In a browser nothing fetches credentials: examples/playground does without net/http, which is an eighth of its size.

package driver

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/agentconfig"
	"github.com/bayplan/bayplan/ecs/driver/internal/wall"
	"github.com/bayplan/bayplan/ecs/message"
)

// RoleKeys makes the temporary keys of roles, as AWS STS does.
type RoleKeys interface {
	// AssumeRole returns keys of the role for a task; they expire.
	AssumeRole(ctx context.Context, roleArn, taskArn string) (agentconfig.Credentials, error)
}

// CredentialsAudit keeps a record of each fetch of credentials.
type CredentialsAudit interface {
	// Audit returns when the record is kept. A fetch whose record cannot be kept is refused.
	Audit(context.Context, agentconfig.AuditRecord) error
}

// CredentialsConfig is the configuration of a CredentialsEndpoint.
type CredentialsConfig struct {
	agentconfig.CredentialsConfig
	Keys  RoleKeys
	Audit CredentialsAudit // nil: nothing is kept
	Clock Clock            // nil: the system's clock

	// Caller returns the ARN of the task whose container made a request; a Strict endpoint
	// needs it. nil: callers are unknown.
	Caller func(*http.Request) string
}

// CredentialsEndpoint is the part of an Agent that serves the credentials of one instance's tasks to
// their containers, at /v2/credentials/ID and the older /v1/credentials?id=ID. It is an http.Handler,
// safe for concurrent use.
//
// Source: Amazon ECS Developer Guide, "Amazon ECS task IAM role".
type CredentialsEndpoint struct {
	config CredentialsConfig

	mu      sync.Mutex
	table   *agentconfig.CredentialsTable
	holders map[string]*holder // by credentials ID
}

// holder is whose keys stand behind a credentials ID.
type holder struct {
	task, role string
	expires    time.Time // of the keys that were delivered last

	mu sync.Mutex // held while keys are made
}

// renewBefore is how long before keys expire a fetch gets fresh ones.
const renewBefore = 15 * time.Minute

// NewCredentialsEndpoint returns an endpoint that knows no task.
func NewCredentialsEndpoint(config CredentialsConfig) *CredentialsEndpoint {
	if config.Clock == nil {
		config.Clock = wall.Clock{}
	}
	return &CredentialsEndpoint{config: config, table: agentconfig.NewCredentialsTable(config.CredentialsConfig),
		holders: map[string]*holder{}}
}

// Start makes the credentials of a task known: what Agent.StartTask does with its command. A
// command that comes again changes nothing. The error is Permanent. It refuses a task with a role
// but without a credentials ID, which a plane without control.Config.CredentialsSecret sends, and a
// task with the ID of another task.
func (e *CredentialsEndpoint) Start(c message.StartTask) error {
	roles := []struct {
		kind    agentconfig.RoleType
		arn, id string
	}{
		{agentconfig.RoleTypeTaskApplication, c.TaskDefinition.TaskRoleArn, c.CredentialsID},
		{agentconfig.RoleTypeTaskExecution, c.TaskDefinition.ExecutionRoleArn, c.ExecutionRoleCredentialsID},
	}
	for _, role := range roles {
		if role.arn != "" && role.id == "" {
			return Permanent(ecs.Fault(ecs.ServerException, "credentialsId",
				"The task has the role "+role.arn+
					", but the plane has no CredentialsSecret, so the task cannot fetch credentials safely."))
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, role := range roles {
		if known := e.holders[role.id]; role.id == "" || known != nil && known.task == c.TaskArn {
			continue
		}
		if err := e.table.Issue(c.TaskArn, role.kind, role.arn, role.id); err != nil {
			return Permanent(err)
		}
		e.holders[role.id] = &holder{task: c.TaskArn, role: role.arn}
	}
	return nil
}

// RelativeURI returns what ecs.CredentialsVariable holds in every container of a task, and
// whether it is set: only for a task with a task role.
func (e *CredentialsEndpoint) RelativeURI(taskArn string) (string, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.table.RelativeURI(taskArn)
}

// Stop forgets the credentials of a task that has stopped.
func (e *CredentialsEndpoint) Stop(taskArn string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.table.Cleanup(taskArn)
	for id, h := range e.holders { //order:any each by itself
		if h.task == taskArn {
			delete(e.holders, id)
		}
	}
}

// ServeHTTP answers one fetch. The audit record is kept before any credentials are sent.
func (e *CredentialsEndpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	request := agentconfig.CredentialsRequest{URL: r.URL.RequestURI(), UserAgent: r.UserAgent(),
		SourceAddress: r.RemoteAddr}
	if host, _, err := net.SplitHostPort(r.RemoteAddr); err == nil {
		request.SourceAddress = host
	}
	if e.config.Caller != nil {
		request.Caller = e.config.Caller(r)
	}
	credentials, status, record, err := e.get(r.Context(), request)
	if e.config.Audit != nil {
		if kept := guard(func() error { return e.config.Audit.Audit(r.Context(), record) }); kept != nil {
			status, err = http.StatusInternalServerError, ecs.Fault(ecs.ServerException, "",
				"The request cannot be audited.")
		}
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	var answer any = credentials
	if err != nil {
		answer = refusal(status, err)
	}
	_ = json.NewEncoder(w).Encode(answer) // the caller may have gone
}

// get looks a request up. Keys that are not there yet, or expire soon, are made for it if it
// is the task's own.
func (e *CredentialsEndpoint) get(
	ctx context.Context, r agentconfig.CredentialsRequest,
) (agentconfig.Credentials, int, agentconfig.AuditRecord, error) {
	now := e.config.Clock.Now()
	c, status, record, err := e.look(now, r)
	fresh := err == nil && now.Add(renewBefore).Before(c.Expiration)
	if fresh || err != nil && !errors.Is(err, agentconfig.CredentialsUninitialized) {
		return c, status, record, err
	}
	if made := e.renew(ctx, now, agentconfig.CredentialsID(r.URL)); made == nil || err != nil {
		return e.look(now, r)
	}
	return c, status, record, nil // the old keys are good for a while
}

func (e *CredentialsEndpoint) look(
	now time.Time, r agentconfig.CredentialsRequest,
) (agentconfig.Credentials, int, agentconfig.AuditRecord, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.table.Get(now, r)
}

// renew puts fresh keys behind an ID; of several requests at a time one makes them.
func (e *CredentialsEndpoint) renew(ctx context.Context, now time.Time, id string) error {
	e.mu.Lock()
	h := e.holders[id]
	e.mu.Unlock()
	if h == nil {
		return nil // it has just stopped
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if now.Add(renewBefore).Before(h.expires) {
		return nil // somebody else has
	}
	var c agentconfig.Credentials
	if err := guard(func() (err error) {
		c, err = e.config.Keys.AssumeRole(ctx, h.role, h.task)
		return err
	}); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	err := e.table.Deliver(id, c)
	if err == nil {
		h.expires = c.Expiration
	}
	return err
}

// refusal is an error in the endpoint's JSON.
func refusal(status int, err error) any {
	out := struct {
		Code           ecs.Code `json:"code"`
		Message        string   `json:"message"`
		HTTPStatusCode int      `json:"HTTPErrorCode"`
	}{HTTPStatusCode: status}
	for f := range ecs.Errors(err) {
		out.Code, out.Message = f.Code, f.Message
	}
	return out
}
