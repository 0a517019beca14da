package compose_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/import/compose"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/document/documenttest"
	"github.com/bayplan/bayplan/examples/import/source"
)

func parse(t testing.TB, file, text string) []*source.Value {
	list, err := source.Parse(file, []byte(text))
	require.NoError(t, err)
	return list
}

func read(t testing.TB, text string, g document.Given) document.Result {
	r, err := compose.Read(parse(t, "compose.yml", text), nil, g)
	require.NoError(t, err)
	require.NoError(t, r.Check())
	return r
}

func said(r document.Result) map[string]source.Field {
	m := map[string]source.Field{}
	for _, f := range r.Fields() {
		m[f.Path] = f
	}
	return m
}

// TestRollout: Docker's ECS integration cuts percentages off. Of three tasks, one by one: two stay, and there is
// no room for a fourth; of one, it stops first.
func TestRollout(t *testing.T) {
	for _, x := range []struct{ n, k, lo, hi int }{{3, 1, 66, 133}, {1, 1, 0, 200}, {4, 2, 50, 150}, {10, 1, 90, 110},
		{2, 5, 0, 200}, {0, 1, 100, 200}} {
		lo, hi := compose.Rollout(x.n, x.k)
		require.Equal(t, []int{x.lo, x.hi}, []int{lo, hi}, x)
	}
	require.Equal(t, []int{2, 3}, []int{(3*66 + 99) / 100, 3 * 133 / 100})
}

func TestServices(t *testing.T) {
	r := read(t, `services:
  web:
    image: acme/web:1
    command: serve --port "80 80"
    ports: ["8080:80", "443"]
    environment: {B: "2", A: 1, FROM: "${SHELL_VALUE}"}
    depends_on: [db]
    healthcheck: {test: curl -f localhost, interval: 1m30s, timeout: 1s}
    stop_grace_period: 45s
    volumes: ["data:/data:ro", "./site:/site"]
    cap_add: [SYS_PTRACE, NET_ADMIN]
    deploy:
      replicas: 3
      resources: {limits: {cpus: "0.3", memory: 600M}}
      update_config: {parallelism: 1, failure_action: rollback, delay: 5s}
      x-aws-autoscaling: {min: 2, max: 6, cpu: 75}
  db: {image: "postgres:17", restart: always}
  once: {image: acme/migrate, restart: "no"}
volumes: {data: {}}
`, document.Given{Name: "shop", Variables: map[string]string{"SHELL_VALUE": "x"}, Subnets: []string{"subnet-1"}})
	d := r.TaskDefinitions[0]
	c := d.ContainerDefinitions[0]
	require.Equal(t, []string{"shop-web", "512", "1024"}, []string{d.Family, d.CPU, d.Memory})
	require.Equal(t, []string{"serve", "--port", "80 80"}, c.Command)
	require.Equal(t, []ecs.KeyValuePair{{Name: "A", Value: "1"}, {Name: "B", Value: "2"}, {Name: "FROM", Value: "x"}},
		c.Environment)
	require.Equal(t, &ecs.HealthCheck{Command: []string{"CMD-SHELL", "curl -f localhost"}, Interval: ecs.Some(90),
		Timeout: ecs.Some(2)}, c.HealthCheck)
	require.Equal(t, 45, c.StopTimeout.Or(0))
	require.Equal(t, []ecs.PortMapping{{ContainerPort: 80}, {ContainerPort: 443}}, c.PortMappings)
	require.Equal(t, []string{"SYS_PTRACE"}, c.LinuxParameters.Capabilities.Add)
	s := r.Services[0]
	require.Equal(t, []int{3, 66, 133}, []int{s.DesiredCount.Or(0),
		s.DeploymentConfiguration.MinimumHealthyPercent.Or(0), s.DeploymentConfiguration.MaximumPercent.Or(0)})
	require.Equal(t, &ecs.DeploymentCircuitBreaker{Enable: true, Rollback: true},
		s.DeploymentConfiguration.DeploymentCircuitBreaker)
	require.Len(t, r.Services, 2)
	require.Len(t, r.RunTasks, 1)
	require.Len(t, r.Scaling, 1)
	f := said(r)
	for path, want := range map[string]source.Fate{"services.web.ports[0].published": source.Approximated,
		"services.web.depends_on.db": source.Lost,
		"services.web.cap_add[1]":    source.Lost, "services.web.volumes[1].source": source.Lost,
		"services.web.volumes[0].source":          source.Needs,
		"services.web.deploy.update_config.delay": source.Lost,
		"services.web.healthcheck.timeout":        source.Approximated} {
		require.Equal(t, want, f[path].Fate, path)
	}
	require.Equal(t, 7, f["services.web.depends_on.db"].Line)
}

// TestModes: the same file in both modes, and with ecs-params.
func TestModes(t *testing.T) {
	text, err := os.ReadFile("testdata/compose.yml")
	require.NoError(t, err)
	params, err := os.ReadFile("testdata/ecs-params.yml")
	require.NoError(t, err)
	for _, g := range []document.Given{{}, {Launch: "EC2"}, {Compose: "task"}, {Compose: "task", Launch: "FARGATE"}} {
		g.Name = "shop"
		r := read(t, string(text), g)
		want := 1
		if g.Compose == "" {
			want = 3
		}
		require.Len(t, r.TaskDefinitions, want)
	}
	r, err := compose.Read(parse(t, "compose.yml", string(text)), parse(t, "ecs-params.yml", string(params)),
		document.Given{Name: "shop"})
	require.NoError(t, err)
	require.NoError(t, r.Check())
	d := r.TaskDefinitions[0]
	require.Equal(t, ecs.NetworkModeBridge, d.NetworkMode)
	web, ok := d.Container("web")
	require.True(t, ok)
	require.Equal(t, []int{256, 128, 64}, []int{web.CPU, web.Memory, web.MemoryReservation})
	require.Equal(t, []ecs.ContainerDependency{{ContainerName: "db", Condition: "START"}}, web.DependsOn)
	require.Equal(t, []string{"db"}, web.Links)
	require.Equal(t, "arn:aws:iam::000000000000:role/shop", d.TaskRoleArn)
	require.Equal(t, []ecs.PlacementStrategy{{Type: "spread", Field: "instanceId"}}, r.Services[0].PlacementStrategy)
}

func TestFaults(t *testing.T) {
	for text, want := range map[string]string{
		"services:\n  web:\n    image: a\n    ports: [{target: x}]\n": "compose.yml:4:",
		"services:\n  web:\n    image: a\n    imgae: b\n": "compose.yml:4: " +
			"services.web.imgae: Compose has no such field",
		"services:\n  web:\n    image: a\n    deploy: {replicas: -1}\n":                "compose.yml:4:",
		"services:\n  web:\n    image: a\n    environment: {A: \"${B:?is needed}\"}\n": "compose.yml:4:",
		"services:\n  web:\n    extends: {file: other.yml, service: x}\n": "compose.yml:3: " +
			"extends from another file is not followed",
		"include: [other.yml]\nservices:\n  web: {image: a}\n": "compose.yml:1: " +
			"include is not followed",
		"services:\n  web:\n    image: a\n    deploy: {resources: {limits: {cpus: \"99\"}}}\n": "compose.yml:2: " +
			"services.web: Fargate has no task of 101376 CPU units",
	} {
		_, err := compose.Read(parse(t, "compose.yml", text), nil, document.Given{})
		require.ErrorContains(t, err, want, text)
	}
}

// TestNothingElseIsRead: a variable of this process and a file of this machine are not looked at.
func TestNothingElseIsRead(t *testing.T) {
	t.Setenv("IMPORT_SECRET", "leaked")
	r := read(t, "services:\n  web:\n    image: \"a:${IMPORT_SECRET}\"\n    env_file: /etc/passwd\n    environment: "+
		"[IMPORT_SECRET]\n", document.Given{})
	data, err := r.JSON()
	require.NoError(t, err)
	require.NotContains(t, string(data), "leaked")
	require.NotContains(t, string(data), "root:")
	f := said(r)
	require.Equal(t, source.Needs, f["services.web.image"].Fate)
	require.Equal(t, source.Needs, f["services.web.environment[0]"].Fate)

	file := document.Given{File: func(name string) ([]byte, error) { return []byte("# no\nA=1\nexport B='2'\n"), nil }}
	r = read(t, "services:\n  web:\n    image: a\n    env_file: web.env\n    environment: {A: 3}\n", file)
	require.Equal(t, []ecs.KeyValuePair{{Name: "A", Value: "3"}, {Name: "B", Value: "2"}},
		r.TaskDefinitions[0].ContainerDefinitions[0].Environment)
}

func FuzzRead(f *testing.F) {
	f.Add("services:\n  a: {image: b, ports: ['1:2'], deploy: {replicas: 2}}\n", false)
	f.Add("services:\n  a: {build: ., volumes: ['x:/y', '/a:/b'], tmpfs: /t:size=1m}\nvolumes: {x: {}}\n", true)
	f.Fuzz(func(t *testing.T, text string, task bool) {
		list, err := source.Parse("f.yml", []byte(text))
		if err != nil || len(list) == 0 || !list[0].Get("services").Is(source.Map) {
			return
		}
		g := document.Given{}
		if task {
			g.Compose = "task"
		}
		r, err := compose.Read(list[:1], nil, g)
		documenttest.Holds(t, "f.yml", r, err)
	})
}
