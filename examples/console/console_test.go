package console

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control"
	"github.com/bayplan/bayplan/ecs/sim"
)

// simulated is a simulated world for one goroutine.
type simulated struct{ *sim.World }

func (w simulated) Read(f func(p *control.Plane, now time.Time) error) error {
	return f(w.Plane(), w.Now())
}

// shop is a world with a fleet and a service.
func shop(t require.TestingT, instances, desired int) simulated {
	w := sim.New(sim.Config{Seed: 1, Plane: control.Config{Explain: true}})
	var fleet []ecs.ContainerInstance
	for _, kind := range sim.InstanceTypes() {
		for i := 0; kind.Name == "m5.large" && i < instances; i++ {
			fleet = append(fleet, kind.ContainerInstance("us-east-1"+string(rune('a'+i%3))))
		}
	}
	_, err := w.AddFleet("default", fleet)
	require.NoError(t, err)
	require.NoError(t, w.Do(func(p *control.Plane, now time.Time) error {
		for _, image := range []string{"app:1", "app:2"} {
			if _, err := p.RegisterTaskDefinition(now, definition(image)); err != nil {
				return err
			}
		}
		_, err := p.CreateService(now, api.CreateServiceInput{ServiceName: "shop", TaskDefinition: "web:1",
			DesiredCount: ecs.Some(desired)})
		return err
	}))
	return simulated{w}
}

func definition(image string) ecs.TaskDefinition {
	return ecs.TaskDefinition{Family: "web", ContainerDefinitions: []ecs.ContainerDefinition{{Name: "app", Image: image,
		CPU: 128, Memory: 256, Environment: []ecs.KeyValuePair{{Name: "TOKEN", Value: "hunter2"}}}}}
}

// secretive is a definition with everything that is masked.
func secretive() ecs.TaskDefinition {
	const at = "arn:aws:ssm:us-east-1:123456789012:parameter/hunter2"
	d := definition("app:1")
	d.Family, d.ExecutionRoleArn = "secretive", "arn:aws:iam::123456789012:role/pull"
	c := &d.ContainerDefinitions[0]
	c.Secrets = []ecs.Secret{{Name: "KEY", ValueFrom: at}}
	c.EnvironmentFiles = []ecs.EnvironmentFile{{Type: "s3", Value: "arn:aws:s3:::hunter2/a.env"}}
	c.RepositoryCredentials = &ecs.RepositoryCredentials{
		CredentialsParameter: "arn:aws:secretsmanager:us-east-1:123456789012:secret:hunter2"}
	c.LogConfiguration = &ecs.LogConfiguration{LogDriver: "splunk",
		SecretOptions: []ecs.Secret{{Name: "t", ValueFrom: at}}}
	d.Volumes = []ecs.Volume{
		{Name: "share", FSxWindowsFileServerVolumeConfiguration: &ecs.FSxWindowsFileServerVolumeConfiguration{
			FileSystemID: "fs-1", RootDirectory: "data",
			AuthorizationConfig: &ecs.FSxWindowsFileServerAuthorizationConfig{CredentialsParameter: at, Domain: "d"}}},
		{Name: "mount", DockerVolumeConfiguration: &ecs.DockerVolumeConfiguration{Driver: "local",
			DriverOpts: map[string]string{"o": "password=hunter2"}}}}
	return d
}

func consoleOf(t require.TestingT, w World, change func(*Config)) *Console {
	config := Config{World: func(string) (World, error) { return w, nil }}
	if change != nil {
		change(&config)
	}
	c, err := New(config)
	require.NoError(t, err)
	return c
}

// call makes a call of the page.
func call(h http.Handler, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Host = "localhost:8090"
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// No page of another origin reads or changes anything, and no form changes anything.
func TestRefuse(t *testing.T) {
	c := consoleOf(t, shop(t, 1, 1), func(config *Config) {
		config.Refuse = func(r *http.Request) error {
			if r.Host != "localhost:8090" {
				return fmt.Errorf("host %q is not a name of this server", r.Host)
			}
			return nil
		}
	})
	for name, k := range map[string]struct {
		method, path string
		headers      []string
		want         int
	}{
		"the page": {"GET", "/", nil, 200},
		"a link to the page": {"GET", "/", []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"},
			200},
		"what it is made of":    {"GET", "/_console/page/app.js", nil, 200},
		"its own origin":        {"GET", "/_console/about", []string{"Origin", "http://localhost:8090"}, 200},
		"a file of the server":  {"GET", "/_console/page/..%2Fconsole.go", nil, 404},
		"a foreign page":        {"GET", "/_console/about", []string{"Origin", "http://evil.example"}, 403},
		"a page without origin": {"GET", "/_console/about", []string{"Origin", "null"}, 403},
		"the stream":            {"GET", "/_console/live", []string{"Origin", "http://evil.example"}, 403},
		"as the browser says":   {"GET", "/_console/live", []string{"Sec-Fetch-Site", "cross-site"}, 403},
		"a form":                {"POST", "/_console/whatif", nil, 403},
		"time that is real":     {"POST", "/_console/pace", []string{Header, "1"}, 400},
	} {
		t.Run(name, func(t *testing.T) {
			got := call(c, k.method, k.path, "{}", k.headers...)
			require.Equal(t, k.want, got.Code, got.Body.String())
			policy := got.Header().Get("Content-Security-Policy")
			require.Contains(t, policy, "default-src 'none'")
			require.NotContains(t, policy, "unsafe")
		})
	}
	r := httptest.NewRequest("GET", "/_console/about", nil)
	r.Host = "evil.example"
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	require.Equal(t, http.StatusForbidden, w.Code)
}

// No page holds a style or a script of its own, or names another host.
func TestPageIsPlain(t *testing.T) {
	entries, err := files.ReadDir("page")
	require.NoError(t, err)
	for _, e := range entries {
		data, err := files.ReadFile("page/" + e.Name())
		require.NoError(t, err)
		text := strings.ReplaceAll(string(data), "http://www.w3.org/", "") // names of vocabularies
		for _, never := range []string{"http://", "https://", "innerHTML", "outerHTML", "insertAdjacentHTML",
			"document.write", "eval(", "new Function", " style=", "<script>"} {
			require.NotContains(t, text, never, e.Name())
		}
	}
}

// Neither the environment of a container nor a secret leaves the server.
//
// Seen to fail: the masks of the environment, of secrets, of the log driver's secrets, of environment files, of a
// registry's credentials, of FSx credentials, of a volume's options and of Service Connect's configuration left out,
// each alone; Service Connect's taken from the service itself and not from a copy.
func TestMasked(t *testing.T) {
	w := shop(t, 3, 1)
	require.NoError(t, w.Do(func(p *control.Plane, now time.Time) error {
		if _, err := p.RegisterTaskDefinition(now, secretive()); err != nil {
			return err
		}
		_, err := p.RunTask(now, api.RunTaskInput{TaskDefinition: "web:1", Overrides: &ecs.TaskOverride{
			ContainerOverrides: []ecs.ContainerOverride{{Name: "app",
				Environment: []ecs.KeyValuePair{{Name: "TOKEN", Value: "hunter2"}}}}}})
		return err
	}))
	require.NoError(t, w.RunUntil(sim.Steady, time.Hour))
	c := consoleOf(t, w, nil)
	tasks, err := w.Plane().ListTasks(api.ListTasksInput{})
	require.NoError(t, err)
	paths := []string{"/_console/definition?taskDefinition=secretive:1",
		"/_console/definition?taskDefinition=web:1", "/_console/service?service=shop"}
	for _, arn := range tasks.Arns {
		paths = append(paths, "/_console/task?task="+nameOf(arn))
	}
	for _, path := range paths {
		got := call(c, "GET", path, "")
		require.Equal(t, 200, got.Code, got.Body.String())
		require.NotContains(t, got.Body.String(), "hunter2", path)
	}
	require.Contains(t, call(c, "GET", paths[0], "").Body.String(), "TOKEN")

	connect := &ecs.ServiceConnectConfiguration{LogConfiguration: secretive().ContainerDefinitions[0].LogConfiguration}
	plain := ecs.Service{Deployments: []ecs.Deployment{{ServiceConnectConfiguration: connect}}}
	data, err := json.Marshal(maskedService(plain))
	require.NoError(t, err)
	require.NotContains(t, string(data), "hunter2")
	require.NotNil(t, plain.Deployments[0].ServiceConnectConfiguration, "the service itself is left as it is")
}

// The answers to what-if questions, and their refusals.
func TestWhatIf(t *testing.T) {
	w := shop(t, 3, 3)
	require.NoError(t, w.RunUntil(sim.Steady, time.Hour))
	c := consoleOf(t, w, nil)
	instances, err := w.Plane().ListContainerInstances(api.ListContainerInstancesInput{})
	require.NoError(t, err)
	ask := func(question string) (int, string) {
		got := call(c, "POST", "/_console/whatif", question, Header, "1")
		return got.Code, got.Body.String()
	}
	for question, want := range map[string]string{
		`{"service": "shop", "desiredCount": 4}`:                       `"good":true`,
		`{"service": "shop", "desiredCount": 400}`:                     `"good":false`,
		`{"service": "shop", "taskDefinition": "web:2"}`:               `"good":true`,
		`{"service": "shop", "definition": {"family": "web"}}`:         `"good":false`,
		`{"drain": "` + nameOf(instances.Arns[0]) + `"}`:               `"good":true`,
		`{"service": "shop", "definition": ` + string(huge(t)) + `}`:   `"good":false`,
		`{"service": "nothing", "desiredCount": 4}`:                    "ServiceNotFoundException",
		`{"service": "shop", "desiredCount": -1}`:                      "desiredCount must be from 0 to 5000",
		`{"service": "shop", "desiredCount": 1000000000}`:              "desiredCount must be from 0 to 5000",
		`{"service": "shop", "taskDefinition": "web:9"}`:               "ClientException",
		`{"service": "shop", "cluster": "nothing", "desiredCount": 4}`: "ClusterNotFoundException",
		`{}`:            "service or drain must be given",
		`[]`:            "SerializationException",
		`{"drain": "x"`: "SerializationException",
	} {
		status, text := ask(question)
		require.Contains(t, text, want, question)
		require.Equal(t, strings.Contains(want, "good"), status == 200, question)
	}
	c.asking <- struct{}{}
	_, text := ask(`{"service": "shop", "desiredCount": 4}`)
	require.Contains(t, text, "Another question is being answered")
}

// huge is a definition of more than any instance holds.
func huge(t *testing.T) []byte {
	d := definition("app:3")
	d.ContainerDefinitions[0].CPU = 10_000
	data, err := json.Marshal(d)
	require.NoError(t, err)
	return data
}

// A query shows the caret of the parser, or what it finds.
func TestQuery(t *testing.T) {
	c := consoleOf(t, shop(t, 3, 1), nil)
	for expression, want := range map[string]string{
		"attribute:ecs.availability-zone == us-east-1a": `"instances":["`,
		"attribute:ecs.instance-type =~ m5.* and and":   `^"`,
		"": `"fault":"`,
	} {
		got := call(c, "GET", "/_console/query?expression="+url.QueryEscape(expression), "")
		require.Equal(t, 200, got.Code)
		require.Contains(t, got.Body.String(), want)
	}
}

// kept is a Clock.
type kept struct {
	pace  Pace
	steps []time.Duration
}

func (k *kept) Pace() Pace                  { return k.pace }
func (k *kept) SetPace(p Pace) error        { k.pace = p; return nil }
func (k *kept) Step(by time.Duration) error { k.steps = append(k.steps, by); return nil }

// Time is set within bounds, and what is refused changes nothing.
func TestPace(t *testing.T) {
	clock := &kept{pace: Pace{Speed: 1}}
	c := consoleOf(t, shop(t, 1, 1), func(config *Config) { config.Clock = clock })
	for body, want := range map[string]int{`{"speed": 60}`: 200, `{"speed": 0}`: 400, `{"speed": 1e9}`: 400, `{}`: 400,
		`{"speed": -1}`: 400, `x`: 400} {
		before := clock.pace
		require.Equal(t, want, call(c, "POST", "/_console/pace", body, Header, "1").Code, body)
		if want != 200 {
			require.Equal(t, before, clock.pace, body)
		}
	}
	for body, want := range map[string]int{`{"by": "90s"}`: 200, `{"by": "0s"}`: 400, `{"by": "25h"}`: 400, `{}`: 400} {
		require.Equal(t, want, call(c, "POST", "/_console/step", body, Header, "1").Code, body)
	}
	require.Equal(t, []time.Duration{90 * time.Second}, clock.steps)
}

// The first Region is one world, with and without its name: a world passes its changes on to one hub only.
//
// Seen to fail: a hub for "", and another one for the name.
func TestOneHub(t *testing.T) {
	c := consoleOf(t, shop(t, 1, 1), func(config *Config) {
		config.Regions = func() []string { return []string{"us-east-1", "eu-west-1"} }
	})
	first, err := c.hub("")
	require.NoError(t, err)
	for region, same := range map[string]bool{"us-east-1": true, "eu-west-1": false} {
		h, err := c.hub(region)
		require.NoError(t, err)
		require.Equal(t, same, h == first, region)
	}
}

// A task that is unknown, a service that is unknown and a Region without a world are refused by their codes.
func TestUnknown(t *testing.T) {
	c := consoleOf(t, shop(t, 1, 1), nil)
	for path, want := range map[string]string{"task?task=x": "InvalidParameterException",
		"service?service=x": "ServiceNotFoundException", "instance?instance=x": "InvalidParameterException",
		"definition?taskDefinition=x": "ClientException", "task?task=x&cluster=none": "ClusterNotFoundException"} {
		got := call(c, "GET", "/_console/"+path, "")
		require.Equal(t, 400, got.Code)
		require.True(t, bytes.Contains(got.Body.Bytes(), []byte(want)), "%s: %s", path, got.Body.String())
	}
	c.config.World = func(string) (World, error) {
		return nil, ecs.Fault(ecs.InvalidParameterException, "region", "No client has called this Region yet.")
	}
	for path, status := range map[string]int{"about": 400, "live": 503} {
		got := call(c, "GET", "/_console/"+path+"?region=eu-west-1", "")
		require.Equal(t, status, got.Code)
		require.JSONEq(t, `{"code": "InvalidParameterException", "message": "No client has called this Region yet."}`,
			got.Body.String())
	}
}
