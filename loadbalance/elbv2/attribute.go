package elbv2

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

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

// Modified returns the attributes of a load balancer or a listener with others set, all or none. The error is a
// ValidationError for a key that is not among them, and for a value that the key cannot have.
// Source: Elastic Load Balancing API Reference, LoadBalancerAttribute and ListenerAttribute.
func Modified(list, set []Attribute) ([]Attribute, error) {
	return modified(list, set, func(key string) values {
		switch key {
		case "idle_timeout.timeout_seconds":
			return between(1, 4000)
		case "client_keep_alive.seconds":
			return between(60, 604800)
		case "tcp.idle_timeout.seconds":
			return between(60, 6000)
		case "routing.http.desync_mitigation_mode":
			return words("monitor", "defensive", "strictest")
		case "routing.http.xff_header_processing.mode":
			return words("append", "preserve", "remove")
		case "dns_record.client_routing_policy":
			return words("availability_zone_affinity", "partial_availability_zone_affinity", "any_availability_zone")
		}
		return values{}
	})
}

// values are what an attribute can be: one of the words, or a whole number within bounds.
type values struct {
	words       []string
	least, most int // 0 and 0: no number
}

func words(list ...string) values { return values{words: list} }

func between(least, most int, words ...string) values { return values{words, least, most} }

// anyNumber is the highest number of an attribute without a bound of its own.
const anyNumber = 1<<31 - 1

// or returns the values of an attribute that has none of its own: those of the kind of text that it is now. Zero
// values take every text.
func (v values) or(now string) values {
	switch {
	case v.words != nil || v.most > 0:
		return v
	case now == "true" || now == "false":
		return words("true", "false")
	case isNumber(now):
		return between(0, anyNumber)
	}
	return v
}

func (v values) take(text string) bool {
	if v.words == nil && v.most == 0 || slices.Contains(v.words, text) {
		return true
	}
	n, err := strconv.Atoi(text)
	return isNumber(text) && err == nil && v.least <= n && n <= v.most
}

// String is what an error says: true or false, or a whole number from 1 to 4000.
func (v values) String() string {
	list := slices.Clone(v.words)
	switch {
	case v.most == anyNumber && v.least == 0:
		list = append(list, "a whole number")
	case v.most == anyNumber:
		list = append(list, fmt.Sprintf("a whole number from %d", v.least))
	case v.most > 0:
		list = append(list, fmt.Sprintf("a whole number from %d to %d", v.least, v.most))
	}
	return strings.Join(list, " or ")
}

// modified is Modified, with the values that each key can have.
func modified(list, set []Attribute, of func(key string) values) ([]Attribute, error) {
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
		if can := of(a.Key).or(next[k].Value); !can.take(a.Value) {
			f.Refuse(at+".Value", "The value of '%s' must be %s; it is %q.", a.Key, can, check.Shortened(a.Value))
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
