package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/bayplan/bayplan/examples/crew"
)

// object is an input.
type object = map[string]any

// The services that the demonstration calls, by their targets.
const (
	toECS = "AmazonEC2ContainerServiceV20141113"
	toECR = "AmazonEC2ContainerRegistry_V20150921"
)

// caller calls the API as AWS's clients do.
type caller struct{ crew.Caller }

// json makes a call of AWS JSON.
func (c caller) json(ctx context.Context, target, action string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	service := map[string]string{toECS: "ecs", toECR: "ecr"}[target]
	status, text, err := c.Ask(ctx, service, target+"."+action, string(body))
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s: %s", action, text)
	}
	if err == nil && out != nil {
		err = json.Unmarshal([]byte(text), out)
	}
	return err
}

// balancing makes a call of Elastic Load Balancing, and returns the first element of a name in its answer.
func (c caller) balancing(ctx context.Context, name, action string, fields ...string) (string, error) {
	form := url.Values{"Version": {"2015-12-01"}, "Action": {action}}
	for i := 0; i < len(fields); i += 2 {
		form.Set(fields[i], fields[i+1])
	}
	status, text, err := c.Ask(ctx, "elasticloadbalancing", "", form.Encode())
	if err != nil {
		return "", err
	}
	found := regexp.MustCompile("<" + name + ">([^<]*)</").FindStringSubmatch(text)
	if status != http.StatusOK || found == nil {
		return "", fmt.Errorf("%s: %s", action, strconv.Quote(text))
	}
	return found[1], nil
}

// exists takes no fault from a step that may have been done before.
func exists(err error) error {
	if err != nil && strings.Contains(err.Error(), "AlreadyExists") {
		return nil
	}
	return err
}
