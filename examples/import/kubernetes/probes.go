package kubernetes

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/import/document"
	"github.com/bayplan/bayplan/examples/import/source"
)

// probes reads the probes of a container. The liveness probe is the health check of the container; the readiness
// probe is that of a target group, which exposed makes; the startup probe gives both their time.
func (w *workload) probes(v *source.Value, c *ecs.ContainerDefinition) {
	live, ready, start := v.Get("livenessProbe"), v.Get("readinessProbe"), v.Get("startupProbe")
	if live.Has() {
		c.HealthCheck = w.check(live, v)
	}
	if start.Has() && c.HealthCheck != nil {
		n := start.Get("initialDelaySeconds").IntOr(0) +
			start.Get("failureThreshold").IntOr(3)*start.Get("periodSeconds").IntOr(10)
		start.Approximate("the health check has %d seconds to start", min(max(n, 0), 300))
		c.HealthCheck.StartPeriod = ecs.Some(min(max(n, 0), 300))
	} else if start.Has() {
		start.Lose("without a health check a container is ready when it runs")
	}
	if ready.Has() && !w.hasTarget() {
		ready.Lose("without a load balancer a task is ready when it runs, or when its health check says so")
	}
}

// check reads a probe as a health check of a container; nil for one that no command can make.
func (w *workload) check(v, container *source.Value) *ecs.HealthCheck {
	command := w.command(v, container)
	if command == nil {
		return nil
	}
	whole := func(x *source.Value) (int, bool) { return x.Int() }
	h := document.HealthCheck(command, document.CheckNumbers{Interval: v.Get("periodSeconds"),
		Timeout: v.Get("timeoutSeconds"),
		Retries: v.Get("failureThreshold"), Start: v.Get("initialDelaySeconds")}, whole)
	h.Interval = ecs.Some(h.Interval.Or(10))
	h.Retries = ecs.Some(h.Retries.Or(3))
	if h.Timeout.IsZero() {
		h.Timeout = ecs.Some(2)
		v.Remark(source.Approximated, "the timeout is 1 second by default, and 2 seconds at least in ECS")
	}
	v.Get("successThreshold").Translate("a health check is good after one success")
	v.Get("terminationGracePeriodSeconds").Lose("a task has one stopTimeout")
	return h
}

// command returns the command that makes a probe.
func (w *workload) command(v, container *source.Value) []string {
	switch {
	case v.Get("exec").Has():
		return append([]string{"CMD"}, v.At("exec", "command").Strings()...)
	case v.Get("httpGet").Has():
		get := v.Get("httpGet")
		port := w.number(get.Get("port"), container)
		scheme := strings.ToLower(get.Get("scheme").Or("http"))
		host := get.Get("host").Or("localhost")
		url := fmt.Sprintf("%s://%s:%d/%s", scheme, host, port, strings.TrimPrefix(get.Get("path").String(), "/"))
		headers := ""
		for _, h := range get.Get("httpHeaders").Items() {
			headers += " -H " + quoted(h.Get("name").String()+": "+h.Get("value").String())
		}
		insecure := ""
		if scheme == "https" {
			insecure = "k"
		}
		get.Approximate("a command in the container makes the request: the image must have curl")
		return []string{"CMD-SHELL", "curl -fs" + insecure + headers + " " + quoted(url) + " || exit 1"}
	case v.Get("tcpSocket").Has():
		socket := v.Get("tcpSocket")
		socket.Approximate("a command in the container makes the connection: the image must have nc")
		return []string{"CMD-SHELL", fmt.Sprintf("nc -z %s %d || exit 1", quoted(socket.Get("host").Or("localhost")),
			w.number(socket.Get("port"), container))}
	case v.Get("grpc").Has():
		grpc := v.Get("grpc")
		grpc.Approximate("a command in the container makes the call: the image must have grpc_health_probe")
		return []string{"CMD-SHELL", fmt.Sprintf("grpc_health_probe -addr=localhost:%d || exit 1",
			w.number(grpc.Get("port"), container))}
	}
	v.Lose("a probe needs exec, httpGet, tcpSocket or grpc")
	return nil
}

// quoted writes a word so that a shell takes it as it is.
func quoted(s string) string {
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%+,?&") == "" &&
		!strings.ContainsAny(s, "?&") {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// number returns the number of a port of a container that is given by its number or its name.
func (w *workload) number(v, container *source.Value) int {
	if v.Is(source.Number) {
		return v.IntOr(0)
	}
	name := v.String()
	for _, p := range container.Get("ports").Items() {
		if p.Get("name").Raw() == name {
			return cmp.Or(p.Get("containerPort").IntOr(0), 0)
		}
	}
	if n := 0; name != "" {
		if _, err := fmt.Sscan(name, &n); err == nil {
			return n
		}
		v.Fault("the container has no port named %q", name)
	}
	return 0
}
