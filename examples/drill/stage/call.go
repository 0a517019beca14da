package stage

import (
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Call is a call of the command.
type Call struct {
	At     time.Duration // virtual, since the command began
	Until  time.Duration // virtual, when it was answered: time may have run meanwhile
	Wall   time.Duration // real, since the call before ended
	Action string        // with its service: "ecs:UpdateService"
	Says   string        // what of its input tells a reader something
	Status int           // of HTTP; 0: the connection was cut
	Code   string        // of the error; "" for none
	Fault  string        // what the scenario did to the call; "" for nothing
}

// request is a call as it comes in.
type request struct {
	service, action string
	body            []byte
	input           input
}

// input is what the drill reads of inputs, those of AWS JSON only.
type input struct {
	Cluster            string          `json:"cluster"`
	Service            string          `json:"service"`
	ServiceName        string          `json:"serviceName"`
	Services           []string        `json:"services"`
	TaskDefinition     string          `json:"taskDefinition"`
	TaskDefinitions    []string        `json:"taskDefinitions"`
	Family             string          `json:"family"`
	DesiredCount       *int            `json:"desiredCount"`
	ForceNewDeployment bool            `json:"forceNewDeployment"`
	ResourceID         string          `json:"ResourceId"`
	SuspendedState     json.RawMessage `json:"SuspendedState"`
}

// scope finds the Region and the service in the credential scope of a signature.
var scope = regexp.MustCompile(`Credential=[^/,]*/[^/,]*/([^/,]*)/([a-z0-9-]{1,40})/aws4_request`)

// identify tells the service and the action of a call. What neither a header nor the form says is told by the path.
func identify(r *http.Request, body []byte) request {
	q := request{body: body}
	if found := scope.FindStringSubmatch(r.Header.Get("Authorization")); found != nil {
		q.service = found[2]
	}
	prefix, action, json := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch {
	case json:
		q.action = action
		if known, there := targets()[prefix]; there {
			q.service = known
		}
	case strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		form, err := url.ParseQuery(string(body))
		if err == nil {
			q.action = form.Get("Action")
		}
	case strings.HasPrefix(r.URL.Path, "/service/"):
		q.action = r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
	}
	if q.service == "" {
		q.service = "unknown"
	}
	if q.action == "" {
		q.action = r.Method + " " + r.URL.Path
	}
	q.service, q.action = shortened(q.service), shortened(q.action)
	_ = unmarshal(body, &q.input) // a body of another form says nothing here
	return q
}

// targets are the services by what stands before the dot of X-Amz-Target.
func targets() map[string]string {
	return map[string]string{
		"AmazonEC2ContainerServiceV20141113":   "ecs",
		"AnyScaleFrontendService":              "application-autoscaling",
		"AmazonEC2ContainerRegistry_V20150921": "ecr",
		"AmazonSSM":                            "ssm",
		"CodeDeploy_20141006":                  "codedeploy",
		"GraniteServiceVersion20100801":        "cloudwatch",
		"Logs_20140328":                        "logs",
		"Route53AutoNaming_v20170314":          "servicediscovery",
		"secretsmanager":                       "secretsmanager",
	}
}

// name is the action with its service.
func (q request) name() string { return q.service + ":" + q.action }

// reads reports whether the call only looks.
func (q request) reads() bool {
	return slices.ContainsFunc([]string{"Describe", "List", "Get", "BatchGet", "Filter", "Search", "Discover"},
		func(prefix string) bool { return strings.HasPrefix(q.action, prefix) }) ||
		strings.HasPrefix(q.action, "GET ") || strings.HasPrefix(q.action, "HEAD ")
}

// says is what of the input tells a reader something.
func (q request) says() string {
	var words []string
	add := func(text string) {
		if text != "" && len(words) < 4 {
			words = append(words, shortened(last(text)))
		}
	}
	in := q.input
	add(in.Service)
	add(in.ServiceName)
	for _, s := range in.Services {
		add(s)
	}
	add(in.TaskDefinition)
	for _, s := range in.TaskDefinitions {
		add(s)
	}
	add(in.Family)
	add(in.ResourceID)
	if in.ForceNewDeployment {
		words = append(words, "forceNewDeployment")
	}
	return strings.Join(words, " ")
}

// last is what follows the last slash: the name in an ARN.
func last(arn string) string {
	if !strings.HasPrefix(arn, "arn:") {
		return arn
	}
	return arn[strings.LastIndexByte(arn, '/')+1:]
}

// shortened cuts a text that a client sent.
func shortened(text string) string {
	const most = 120
	text = strings.ToValidUTF8(text, "�")
	if runes := []rune(text); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return text
}

// unmarshal reads JSON; an empty body is an empty input.
func unmarshal(body []byte, into any) error {
	if len(body) == 0 {
		return nil
	}
	return json.Unmarshal(body, into)
}
