package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	shared "github.com/bayplan/bayplan/examples/crew"
	"github.com/bayplan/bayplan/examples/jetstream/serve"
)

// client calls the API of one member after the other, as AWS's clients sign calls, until one has answered.
type client struct {
	members []string // URLs
	key     shared.AccessKey
	http    *http.Client
	patient time.Duration // with one member
}

func (c *crew) client(patient time.Duration) *client {
	k := &client{key: c.key, http: &http.Client{Timeout: patient}, patient: patient}
	for _, name := range c.members {
		k.members = append(k.members, fmt.Sprintf("http://127.0.0.1:%d", c.ports[name]))
	}
	return k
}

// errRefused is the error of a call that the plane has refused.
var errRefused = errors.New("refused")

// ecs makes a call of Amazon ECS, with the leader's answer. It ends with an answer, a refusal, or the context: whatever
// came before a refusal may have been carried out.
func (k *client) ecs(ctx context.Context, action string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	text, err := k.call(ctx, "ecs", "AmazonEC2ContainerServiceV20141113."+action, string(body))
	if err != nil || out == nil {
		return err
	}
	return json.Unmarshal(text, out)
}

// arn makes a call of Elastic Load Balancing, and returns the first ARN of a kind in its answer.
func (k *client) arn(ctx context.Context, kind, action string, fields ...string) (string, error) {
	form := url.Values{"Version": {"2015-12-01"}, "Action": {action}}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	text, err := k.call(ctx, "elasticloadbalancing", "", form.Encode())
	if err != nil || kind == "" {
		return "", err
	}
	found := regexp.MustCompile("<" + kind + ">([^<]*)</").FindSubmatch(text)
	if found == nil {
		return "", fmt.Errorf("%s: there is no %s in %s", action, kind, text)
	}
	return string(found[1]), nil
}

func (k *client) call(ctx context.Context, service, target, body string) ([]byte, error) {
	for i := 0; ; i++ {
		text, status, err := k.attempt(ctx, k.members[i%len(k.members)], service, target, body)
		switch {
		case err == nil && status == http.StatusOK:
			return text, nil
		case err == nil && status < 500:
			return nil, fmt.Errorf("%w: %s", errRefused, text)
		case err == nil:
			err = fmt.Errorf("%d: %s", status, text)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ctx.Err(), err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (k *client) attempt(ctx context.Context, url, service, target, body string) (text []byte, status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, k.patient)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/", bytes.NewReader([]byte(body)))
	if err != nil {
		return nil, 0, err
	}
	k.key.Sign(r, service, target, body)
	r.Header.Set(serve.ConsistentHeader, "1")
	answer, err := k.http.Do(r)
	if err != nil {
		return nil, 0, err
	}
	defer answer.Body.Close()
	text, err = io.ReadAll(answer.Body)
	return text, answer.StatusCode, err
}

// service returns a service.
func (k *client) service(ctx context.Context, name string) (ecs.Service, error) {
	var out struct{ Services []ecs.Service }
	err := k.ecs(ctx, "DescribeServices", api.DescribeServicesInput{Services: []string{name}}, &out)
	if err == nil && len(out.Services) == 0 {
		err = fmt.Errorf("there is no service %s", name)
	}
	if err != nil {
		return ecs.Service{}, err
	}
	return out.Services[0], nil
}
