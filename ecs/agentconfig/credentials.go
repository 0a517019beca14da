package agentconfig

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs"
)

// RoleType is the purpose of the credentials of a task.
type RoleType string

// The values of RoleType.
const (
	RoleTypeTaskApplication RoleType = "TaskApplication" // the task role: for the code in the containers
	RoleTypeTaskExecution   RoleType = "TaskExecution"   // the execution role: for the agent's pulls, logs and secrets
)

// Credentials are temporary keys of a role, as the credentials endpoint returns them.
type Credentials struct {
	RoleArn         string    `json:"RoleArn"`
	AccessKeyID     string    `json:"AccessKeyId"`
	SecretAccessKey string    `json:"SecretAccessKey"`
	Token           string    `json:"Token"`
	Expiration      time.Time `json:"Expiration"`
}

// The answers of the credentials endpoint that are not credentials.
const (
	NoIdInRequest            ecs.Code = "NoIdInRequest"            // 400
	InvalidIdInRequest       ecs.Code = "InvalidIdInRequest"       // 400: unknown, or its task has stopped
	CredentialsUninitialized ecs.Code = "CredentialsUninitialized" // 503: issued, but not delivered yet
)

// CredentialsConfig says how one instance hands out credentials.
type CredentialsConfig struct {
	// Strict refuses a caller other than the task that the credentials belong to, and every container that
	// asks for the credentials of an execution role. The agent of ECS checks the ID alone: IDs cannot be
	// guessed, and no container learns another's.
	Strict               bool
	Cluster              string // for the audit
	ContainerInstanceArn string // for the audit
}

// CredentialsTable decides which credentials a container of one instance may fetch: those of its own
// task. It changes in place, is deterministic, makes no IDs and no keys, and is not safe for concurrent
// use.
//
// Source: Amazon ECS Developer Guide, "Amazon ECS task IAM role"; the credentials handler of
// amazon-ecs-agent.
type CredentialsTable struct {
	config CredentialsConfig
	byID   map[string]*issued
	byTask map[holder]string
}

type holder struct {
	taskArn  string
	roleType RoleType
}

type issued struct {
	holder
	roleArn   string
	delivered bool
	value     Credentials
}

// NewCredentialsTable returns an empty table.
func NewCredentialsTable(c CredentialsConfig) *CredentialsTable {
	return &CredentialsTable{config: c, byID: map[string]*issued{}, byTask: map[holder]string{}}
}

// Issue gives a task an ID for the credentials of a role. The caller makes the ID: a UUID that cannot be
// guessed and that was never used before.
//
// Errors: InvalidParameterException for an empty ID or role; ConflictException for an ID in use, and for
// a task that has an ID for this type of role.
func (t *CredentialsTable) Issue(taskArn string, roleType RoleType, roleArn, id string) error {
	h := holder{taskArn, roleType}
	switch {
	case id == "" || roleArn == "" || taskArn == "":
		return ecs.Fault(ecs.InvalidParameterException, "id", "Credentials need a task, a role and an ID.")
	case t.byID[id] != nil:
		return ecs.Fault(ecs.ConflictException, "id", "The credentials ID is in use.")
	case t.byTask[h] != "":
		return ecs.Fault(ecs.ConflictException, "taskArn", "The task "+taskArn+" has credentials of type "+
			string(roleType)+" already.")
	}
	t.byID[id] = &issued{holder: h, roleArn: roleArn}
	t.byTask[h] = id
	return nil
}

// Deliver sets the keys of an ID, the first time or as a rotation.
//
// Errors: InvalidIdInRequest for an unknown ID; InvalidParameterException for keys of another role, and
// for a rotation that does not expire later than the keys before it.
func (t *CredentialsTable) Deliver(id string, c Credentials) error {
	e := t.byID[id]
	switch {
	case e == nil:
		return ecs.Fault(InvalidIdInRequest, "id", "Credentials not found")
	case c.RoleArn != e.roleArn:
		return ecs.Fault(ecs.InvalidParameterException, "RoleArn",
			"The credentials are of "+c.RoleArn+", not of "+e.roleArn+".")
	case e.delivered && !c.Expiration.After(e.value.Expiration):
		return ecs.Fault(ecs.InvalidParameterException, "Expiration",
			"A rotation must expire later than the credentials that it replaces.")
	}
	e.value, e.delivered = c, true
	return nil
}

// CredentialsVariable is the environment variable that has the relative URI of a container's credentials.
const CredentialsVariable = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"

// RelativeURI returns the value of CredentialsVariable in the containers of a task, and whether there is
// one. Only a task with a task role has it; an execution role gives none.
func (t *CredentialsTable) RelativeURI(taskArn string) (string, bool) {
	id := t.byTask[holder{taskArn, RoleTypeTaskApplication}]
	if id == "" {
		return "", false
	}
	return "/v2/credentials/" + id, true
}

// CredentialsRequest is one call of the credentials endpoint at 169.254.170.2.
type CredentialsRequest struct {
	URL           string // /v2/credentials/ID, or the older /v1/credentials?id=ID
	SourceAddress string
	UserAgent     string
	Caller        string // ARN of the task whose container calls; strict tables ask for it
}

// Get answers a request: with the credentials and the status 200, or with an *Error and the status of its
// code. Every answer, also a refusal, comes with an audit record, which does not have the ID.
func (t *CredentialsTable) Get(now time.Time, r CredentialsRequest) (Credentials, int, AuditRecord, error) {
	path, id, version := splitCredentialsURL(r.URL)
	record := AuditRecord{
		Time: ecs.At(now), SourceAddress: r.SourceAddress, URL: path, UserAgent: r.UserAgent,
		EventType: "GetCredentialsInvalidRoleType", Cluster: t.config.Cluster,
		ContainerInstanceArn: t.config.ContainerInstanceArn,
	}
	refuse := func(status int, code ecs.Code, message string) (Credentials, int, AuditRecord, error) {
		record.ResponseCode = status
		return Credentials{}, status, record, ecs.Fault(code, "id", "Credentials"+version+"Request: "+message)
	}
	if id == "" {
		return refuse(400, NoIdInRequest, "No Credential ID in the request")
	}
	e := t.byID[id]
	if e == nil || t.config.Strict && (e.taskArn != r.Caller || e.roleType != RoleTypeTaskApplication) {
		return refuse(400, InvalidIdInRequest, "Credentials not found")
	}
	if !e.delivered {
		return refuse(503, CredentialsUninitialized, "Credentials uninitialized for ID")
	}
	record.ResponseCode, record.TaskArn, record.EventType = 200, e.taskArn, "GetCredentials"
	if e.roleType == RoleTypeTaskExecution {
		record.EventType = "GetCredentialsExecutionRole"
	}
	return e.value, 200, record, nil
}

// CredentialsID returns the credentials ID in a URL of the endpoint, or "" where it has none.
func CredentialsID(url string) string {
	_, id, _ := splitCredentialsURL(url)
	return id
}

// splitCredentialsURL takes the ID off a URL.
func splitCredentialsURL(s string) (path, id, version string) {
	path, query, _ := strings.Cut(s, "?")
	if strings.HasPrefix(path, "/v1/") {
		for parameter := range strings.SplitSeq(query, "&") {
			if value, ok := strings.CutPrefix(parameter, "id="); ok {
				return path, value, "V1"
			}
		}
		return path, "", "V1"
	}
	const v2 = "/v2/credentials"
	if rest, ok := strings.CutPrefix(path, v2); ok {
		return v2, strings.Trim(rest, "/"), "V2"
	}
	return path, "", "V2"
}

// Stop removes the credentials of the task role of a task that has stopped: its ID becomes unknown.
func (t *CredentialsTable) Stop(taskArn string) { t.drop(holder{taskArn, RoleTypeTaskApplication}) }

// Cleanup removes the credentials of a task's execution role too, after the agent has finished with the
// task.
func (t *CredentialsTable) Cleanup(taskArn string) {
	t.Stop(taskArn)
	t.drop(holder{taskArn, RoleTypeTaskExecution})
}

func (t *CredentialsTable) drop(h holder) {
	delete(t.byID, t.byTask[h])
	delete(t.byTask, h)
}

// AuditRecord is the record of one request for credentials: the task whose credentials were asked for,
// and the outcome.
type AuditRecord struct {
	Time                 ecs.Instant
	ResponseCode         int
	SourceAddress        string
	URL                  string // without the credentials ID
	UserAgent            string
	TaskArn              string // "" where refused
	EventType            string // GetCredentials, GetCredentialsExecutionRole or GetCredentialsInvalidRoleType
	Cluster              string
	ContainerInstanceArn string
}

// String returns the line of the agent's audit log, version 2: fields with a space between two, and - for
// an empty one.
func (r AuditRecord) String() string {
	return fmt.Sprintf("%s %d %s %q %q %s %s 2 %s %s",
		r.Time.Time().Format(time.RFC3339), r.ResponseCode, cmp.Or(r.SourceAddress, "-"), cmp.Or(r.URL, "-"),
		cmp.Or(r.UserAgent, "-"),
		cmp.Or(r.TaskArn, "-"), r.EventType, cmp.Or(r.Cluster, "-"), cmp.Or(r.ContainerInstanceArn, "-"))
}
