package registry

import (
	"errors"
	"net/http"
	"net/netip"
	"time"

	"github.com/bayplan/bayplan/ecs/iam"
)

// action is the right that a request needs. Source: Amazon ECR User Guide, "Amazon ECR private repository policy
// examples", on the actions that pushing and pulling take.
func (a ask) action() string {
	switch {
	case a.kind == "tags":
		return "ecr:ListImages"
	case a.kind == "manifests" && a.method == http.MethodPut:
		return "ecr:PutImage"
	case a.kind == "manifests":
		return "ecr:BatchGetImage"
	case a.kind == "blobs" && a.method == http.MethodHead:
		return "ecr:BatchCheckLayerAvailability"
	case a.kind == "blobs":
		return "ecr:GetDownloadUrlForLayer"
	case a.method == http.MethodPost:
		return "ecr:InitiateLayerUpload"
	case a.method == http.MethodPut:
		return "ecr:CompleteLayerUpload"
	}
	return "ecr:UploadLayerPart"
}

// allowed returns the text of the refusal of a request that the caller's policies do not allow.
func (r *Registry) allowed(caller string, a ask, from string) error {
	if r.config.Policies == nil {
		return nil
	}
	policies := append([]*iam.Policy(nil), r.config.Policies[""]...)
	if caller != "" {
		policies = append(policies, r.config.Policies[caller]...)
	} else {
		caller = "anonymous"
	}
	principal := "arn:aws:iam::" + r.config.Account + ":user/" + caller
	context := iam.Context{"aws:RequestedRegion": {r.config.Region}, "aws:PrincipalAccount": {r.config.Account},
		"aws:PrincipalArn": {principal}, "aws:username": {caller}, "aws:userid": {caller},
		"aws:SecureTransport": {"false"}, "aws:CurrentTime": {r.config.Now().UTC().Format(time.RFC3339)}}
	if at, err := netip.ParseAddrPort(from); err == nil {
		context["aws:SourceIp"] = []string{at.Addr().Unmap().String()}
	}
	result, err := iam.Evaluate(policies, iam.Request{Action: a.action(),
		Resources: []iam.Resource{{ARN: r.home().ARN(a.repository)}}, Context: context})
	if err == nil && result.Decision != iam.Allowed {
		err = errors.New(result.Message(principal, a.action()))
	}
	return err
}
