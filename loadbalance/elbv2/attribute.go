package elbv2

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/bayplan/bayplan/internal/check"
)

// Attribute is an attribute of a load balancer, a target group or a listener; all values are texts.
type Attribute struct {
	Key   string `json:"Key"`
	Value string `json:"Value"`
}

// AttributesOutput is the answer of operations that describe or modify attributes: all that there are, in order
// of key.
type AttributesOutput struct {
	Attributes []Attribute `json:"Attributes"`
}

// LoadBalancerAttributes returns the attributes of a new load balancer of a type, in order of key.
// Source: Elastic Load Balancing API Reference, LoadBalancerAttribute.
func LoadBalancerAttributes(typ string) []Attribute {
	list := []Attribute{{"access_logs.s3.bucket", ""}, {"access_logs.s3.enabled", "false"},
		{"access_logs.s3.prefix", ""}, {"deletion_protection.enabled", "false"},
		{"load_balancing.cross_zone.enabled", strconv.FormatBool(typ == Application)},
		{"zonal_shift.config.enabled", "false"}}
	if typ == Application {
		list = append(list, Attribute{"client_keep_alive.seconds", "3600"},
			Attribute{"connection_logs.s3.bucket", ""}, Attribute{"connection_logs.s3.enabled", "false"},
			Attribute{"connection_logs.s3.prefix", ""}, Attribute{"idle_timeout.timeout_seconds", "60"},
			Attribute{"routing.http.desync_mitigation_mode", "defensive"},
			Attribute{"routing.http.drop_invalid_header_fields.enabled", "false"},
			Attribute{"routing.http.preserve_host_header.enabled", "false"},
			Attribute{"routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false"},
			Attribute{"routing.http.xff_client_port.enabled", "false"},
			Attribute{"routing.http.xff_header_processing.mode", "append"},
			Attribute{"routing.http2.enabled", "true"}, Attribute{"waf.fail_open.enabled", "false"})
	} else {
		list = append(list, Attribute{"dns_record.client_routing_policy", "any_availability_zone"},
			Attribute{"ipv6.deny_all_igw_traffic", "false"})
	}
	return sorted(list)
}

// ListenerAttributes returns the attributes of a new listener of a protocol, in order of key.
// Source: Elastic Load Balancing API Reference, ListenerAttribute.
func ListenerAttributes(protocol string) []Attribute {
	switch protocol {
	case "HTTP", "HTTPS":
		return []Attribute{{"routing.http.response.server.enabled", "true"}}
	case "TCP":
		return []Attribute{{"tcp.idle_timeout.seconds", "350"}}
	}
	return []Attribute{}
}

func sorted(list []Attribute) []Attribute {
	slices.SortFunc(list, func(a, b Attribute) int { return cmp.Compare(a.Key, b.Key) })
	return list
}

// Modified returns the attributes with others set, all or none. The error is a ValidationError for a key that
// is not among them, a switch that is neither true nor false, or a number that is not one.
func Modified(list, set []Attribute) ([]Attribute, error) {
	var f faults
	f.required("Attributes", len(set) > 0)
	next := slices.Clone(list)
	for i, a := range set {
		at := check.Index("Attributes", i)
		k, known := slices.BinarySearchFunc(next, a.Key, func(o Attribute, key string) int {
			return cmp.Compare(o.Key, key)
		})
		if !known {
			f.Refuse(at+".Key", "The key '%s' is not recognized, or not modelled here.", check.Shortened(a.Key))
			continue
		}
		switch was := next[k].Value; {
		case (was == "true" || was == "false") && a.Value != "true" && a.Value != "false":
			f.Refuse(at+".Value", "The value of '%s' must be true or false; it is %q.", a.Key, check.Shortened(a.Value))
		case isNumber(was) && !isNumber(a.Value):
			f.Refuse(at+".Value", "The value of '%s' must be a whole number; it is %q.", a.Key,
				check.Shortened(a.Value))
		}
		next[k].Value = check.Cut(a.Value, 1024)
	}
	return next, f.err()
}

func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 31)
	return err == nil
}

// Enabled reports whether an attribute has the value true.
func Enabled(list []Attribute, key string) bool { return slices.Contains(list, Attribute{key, "true"}) }
