package elbv2

import (
	"github.com/bayplan/bayplan/ecs"
)

// Listener is a listener as DescribeListeners shows it.
type Listener struct {
	ListenerArn     string        `json:"ListenerArn"`
	LoadBalancerArn string        `json:"LoadBalancerArn"`
	Port            int           `json:"Port"`
	Protocol        string        `json:"Protocol"`
	Certificates    []Certificate `json:"Certificates,omitempty"`
	SslPolicy       string        `json:"SslPolicy,omitzero"`
	DefaultActions  []Action      `json:"DefaultActions"`
	AlpnPolicy      []string      `json:"AlpnPolicy,omitempty"`
}

// Certificate is a certificate of a listener.
type Certificate struct {
	CertificateArn string `json:"CertificateArn"`

	_ struct{} `unmodelled:"IsDefault"`
}

// ListenerSettings are the members that CreateListener and ModifyListener have in common.
type ListenerSettings struct {
	Port           ecs.Opt[int]  `json:"Port,omitzero"`
	Protocol       string        `json:"Protocol,omitzero"`
	SslPolicy      string        `json:"SslPolicy,omitzero" kept:""`
	Certificates   []Certificate `json:"Certificates,omitzero"`
	DefaultActions []Action      `json:"DefaultActions,omitzero"`
	AlpnPolicy     []string      `json:"AlpnPolicy,omitzero" kept:""`
}

func (f *faults) listener(s ListenerSettings) {
	f.number("Port", s.Port, 1, 65535)
	f.oneOf("Protocol", s.Protocol, "HTTP", "HTTPS", "TCP", "TLS", "UDP", "TCP_UDP")
	f.AtMost("Certificates", len(s.Certificates), 1)
	f.AtMost("AlpnPolicy", len(s.AlpnPolicy), 1)
}

// CreateListenerInput is the input of CreateListener.
type CreateListenerInput struct {
	LoadBalancerArn string `json:"LoadBalancerArn"`
	Tags            []Tag  `json:"Tags,omitzero"`
	ListenerSettings

	_ struct{} `unmodelled:"MutualAuthentication"`
}

// Validate returns all that is wrong with the request, as ValidationError or the codes of its actions and tags.
// Source: Elastic Load Balancing API Reference, CreateListener.
func (in CreateListenerInput) Validate() error {
	var f faults
	f.required("LoadBalancerArn", in.LoadBalancerArn != "")
	f.required("Port", !in.Port.IsZero())
	f.required("Protocol", in.Protocol != "")
	f.listener(in.ListenerSettings)
	return joined(f.err(), actions("DefaultActions", in.DefaultActions), CheckTags(in.Tags))
}

// ModifyListenerInput is the input of ModifyListener.
type ModifyListenerInput struct {
	ListenerArn string `json:"ListenerArn"`
	ListenerSettings

	_ struct{} `unmodelled:"MutualAuthentication"`
}

// Validate returns all that is wrong with the request, as ValidationError or the codes of its actions.
func (in ModifyListenerInput) Validate() error {
	var f faults
	f.required("ListenerArn", in.ListenerArn != "")
	f.listener(in.ListenerSettings)
	if len(in.DefaultActions) == 0 {
		return f.err()
	}
	return joined(f.err(), actions("DefaultActions", in.DefaultActions))
}

// ListenersOutput is the answer of operations that create, modify or describe listeners.
type ListenersOutput struct {
	Listeners  []Listener `json:"Listeners"`
	NextMarker string     `json:"NextMarker,omitzero"`
}

// DescribeListenersInput is the input of DescribeListeners.
type DescribeListenersInput struct {
	LoadBalancerArn string       `json:"LoadBalancerArn,omitzero"`
	ListenerArns    []string     `json:"ListenerArns,omitzero"`
	Marker          string       `json:"Marker,omitzero"`
	PageSize        ecs.Opt[int] `json:"PageSize,omitzero"`
}

// Validate refuses a request that names neither a load balancer nor listeners, or both.
func (in DescribeListenersInput) Validate() error {
	var f faults
	if (in.LoadBalancerArn == "") == (len(in.ListenerArns) == 0) {
		f.Refuse("", "You must specify either listener ARNs or a load balancer ARN")
	}
	return f.err()
}

// ListenerInput is the input of operations that name a listener only: DeleteListener and
// DescribeListenerAttributes.
type ListenerInput struct {
	ListenerArn string `json:"ListenerArn"`
}

// ModifyListenerAttributesInput is the input of ModifyListenerAttributes.
type ModifyListenerAttributesInput struct {
	ListenerArn string      `json:"ListenerArn"`
	Attributes  []Attribute `json:"Attributes"`
}

// Validate refuses a request that names none, as ValidationError.
func (in ListenerInput) Validate() error {
	var f faults
	f.required("ListenerArn", in.ListenerArn != "")
	return f.err()
}

// Validate refuses a request that names none, as ValidationError.
func (in ModifyListenerAttributesInput) Validate() error {
	var f faults
	f.required("ListenerArn", in.ListenerArn != "")
	return f.err()
}

// GoesWith reports whether a listener of a protocol forwards to groups of another.
// Source: Elastic Load Balancing, "Listeners for your Network Load Balancers".
func GoesWith(listener, group string) bool {
	switch listener {
	case "HTTP", "HTTPS":
		return group == "HTTP" || group == "HTTPS"
	case "TCP":
		return group == "TCP" || group == "TCP_UDP"
	case "TLS":
		return group == "TCP" || group == "TLS"
	case "UDP":
		return group == "UDP" || group == "TCP_UDP"
	}
	return listener == group
}
