package servicediscovery_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	sd "github.com/bayplan/bayplan/ecs/servicediscovery"
)

// Each rule of an input has a row that breaks it.
//
// Seen to fail: each rule that is taken out.
func TestValidate(t *testing.T) {
	long := strings.Repeat("x", 2000)
	tags := make([]sd.Tag, 51)
	for i := range tags {
		tags[i].Key = fmt.Sprint(i)
	}
	records := func(kinds ...string) *sd.DNSConfig {
		c := &sd.DNSConfig{}
		for _, k := range kinds {
			c.DNSRecords = append(c.DNSRecords, sd.DNSRecord{Type: k})
		}
		return c
	}
	soa := &sd.NamespacePropertiesInput{DNSProperties: sd.DNSPropertiesInput{
		SOA: sd.SOA{TTL: -1}}}
	for want, err := range map[string]error{
		"Name must have 1 to 1024 characters; it has 0.": sd.CreateHTTPNamespaceInput{}.Validate(),
		"Name must have visible ASCII characters only":   sd.CreateHTTPNamespaceInput{Name: "a b"}.Validate(),
		"and not begin with arn:":                        sd.CreateHTTPNamespaceInput{Name: "arn:x"}.Validate(),
		"Description must have 0 to 1024": sd.CreateHTTPNamespaceInput{Name: "a",
			Description: long}.Validate(),
		"CreatorRequestId must have 0 to 64": sd.CreateHTTPNamespaceInput{Name: "a",
			CreatorRequestID: long}.Validate(),
		"Namespace.Description must have 0 to 1024": sd.UpdateHTTPNamespaceInput{
			Namespace: sd.HTTPNamespaceChange{Description: long}}.Validate(),
		"A filter has a Name.": sd.ListInput{
			Filters: []sd.Filter{{Values: []string{"1"}}}}.Validate("TYPE"),
		"A resource has at most 50 tags; these are 51.": sd.TagResourceInput{Tags: tags}.Validate(),
		"Vpc must have 1 to 64":                         sd.CreatePrivateDNSNamespaceInput{Name: "a"}.Validate(),
		"SOA.TTL must be from 0 to 2147483647; it is -1.": sd.CreatePrivateDNSNamespaceInput{Name: "a", Vpc: "v",
			Properties: soa}.Validate(),
		"a domain name with a dot":                       sd.CreatePublicDNSNamespaceInput{Name: "a"}.Validate(),
		"Name must have letters, digits, and - _ . only": sd.CreateServiceInput{Name: "a b"}.Validate(),
		"Type must be one of [HTTP]": sd.CreateServiceInput{Name: "a",
			Type: "DNS"}.Validate(),
		"RoutingPolicy must be one of": sd.CreateServiceInput{Name: "a",
			DNSConfig: &sd.DNSConfig{RoutingPolicy: "X", DNSRecords: records("A").DNSRecords}}.Validate(),
		"or A and AAAA; these are 0.": sd.CreateServiceInput{Name: "a",
			DNSConfig: records()}.Validate(),
		"Two records are A and AAAA.": sd.CreateServiceInput{Name: "a",
			DNSConfig: records("A", "SRV")}.Validate(),
		"Type must be one of [SRV A AAAA CNAME]": sd.CreateServiceInput{Name: "a",
			DNSConfig: records("MX")}.Validate(),
		"A CNAME record needs the routing policy WEIGHTED.": sd.CreateServiceInput{Name: "a",
			DNSConfig: records("CNAME")}.Validate(),
		"and not both": sd.CreateServiceInput{Name: "a",
			HealthCheckConfig:       &sd.HealthCheckConfig{Type: "TCP"},
			HealthCheckCustomConfig: &sd.HealthCheckCustomConfig{}}.Validate(),
		"FailureThreshold must be from 1 to 10; it is 11.": sd.CreateServiceInput{Name: "a",
			HealthCheckConfig: &sd.HealthCheckConfig{Type: "TCP", FailureThreshold: ecs.Some(11)}}.Validate(),
		"of the type TCP has no ResourcePath": sd.CreateServiceInput{Name: "a",
			HealthCheckConfig: &sd.HealthCheckConfig{Type: "TCP", ResourcePath: "/"}}.Validate(),
		"InstanceId must have letters": sd.RegisterInstanceInput{InstanceID: "a b",
			Attributes: map[string]string{"a": ""}}.Validate(),
		"An instance has 1 to 30 attributes; these are 0.": sd.RegisterInstanceInput{InstanceID: "a"}.Validate(),
		"A key has 1 to 255 characters": sd.RegisterInstanceInput{InstanceID: "a",
			Attributes: map[string]string{"": ""}}.Validate(),
		"AWS_INIT_HEALTH_STATUS must be one of": sd.RegisterInstanceInput{InstanceID: "a",
			Attributes: map[string]string{"AWS_INIT_HEALTH_STATUS": "SICK"}}.Validate(),
		"Status must be HEALTHY or UNHEALTHY": sd.UpdateInstanceCustomHealthStatusInput{Status: "UNKNOWN"}.Validate(),
		"MaxResults must be from 1 to 1000; it is 0.": sd.DiscoverInstancesInput{NamespaceName: "a", ServiceName: "a",
			MaxResults: ecs.Some(0)}.Validate(),
		"HealthStatus must be one of": sd.DiscoverInstancesInput{NamespaceName: "a", ServiceName: "a",
			HealthStatus: "X"}.Validate(),
		"MaxResults must be from 1 to 100; it is 101.": sd.ListInput{MaxResults: ecs.Some(101)}.Validate(),
		"Filters.Name must be one of [TYPE]": sd.ListInput{Filters: []sd.Filter{{Name: "X",
			Values: []string{"1"}}}}.Validate("TYPE"),
		"values at most; this has": sd.ListInput{Filters: []sd.Filter{{Name: "TYPE"}}}.Validate("TYPE"),
	} {
		require.ErrorContains(t, err, want)
		require.ErrorIs(t, err, sd.InvalidInput)
	}
	require.NoError(t, sd.CreatePublicDNSNamespaceInput{Name: "a.example"}.Validate())
}

// inputs reads an input strictly and writes it again.
func again[In any](t *testing.T, document string) {
	in, err := api.ParseInput[In]([]byte(document))
	require.NoError(t, err)
	data, err := json.Marshal(in)
	require.NoError(t, err)
	require.JSONEq(t, document, string(data))
}

// An input that was read and written is the same: records of a journal are inputs that were written.
//
// Seen to fail: a member without its tag.
func TestInputs(t *testing.T) {
	again[sd.CreateHTTPNamespaceInput](t,
		`{"Name":"a","CreatorRequestId":"1","Description":"d","Tags":[{"Key":"k","Value":"v"}]}`)
	again[sd.CreatePrivateDNSNamespaceInput](t,
		`{"Name":"a","Vpc":"v","Properties":{"DnsProperties":{"SOA":{"TTL":5}}}}`)
	again[sd.UpdateDNSNamespaceInput](t, `{"Id":"ns-1","Namespace":{"Description":""}}`)
	again[sd.CreateServiceInput](t, `{"Name":"a","NamespaceId":"ns-1","DnsConfig":{"DnsRecords":`+
		`[{"Type":"SRV","TTL":0}]},"HealthCheckCustomConfig":{"FailureThreshold":1}}`)
	again[sd.UpdateServiceInput](t,
		`{"Id":"srv-1","Service":{"DnsConfig":{"DnsRecords":[{"Type":"A","TTL":1}]}}}`)
	again[sd.RegisterInstanceInput](t,
		`{"ServiceId":"srv-1","InstanceId":"i","Attributes":{"AWS_INSTANCE_IPV4":"10.0.0.1"}}`)
}

// Discover takes what all must have, then what some have, then the healthy ones.
//
// Seen to fail: OptionalParameters that nobody has, taken as a condition.
func TestDiscover(t *testing.T) {
	list := []sd.DiscoveredInstance{
		{InstanceID: "1", HealthStatus: "HEALTHY", Attributes: map[string]string{"zone": "a", "v": "1"}},
		{InstanceID: "2", HealthStatus: "UNHEALTHY", Attributes: map[string]string{"zone": "a", "v": "2"}},
		{InstanceID: "3", HealthStatus: "HEALTHY", Attributes: map[string]string{"zone": "b", "v": "1"}},
	}
	found := func(in sd.DiscoverInstancesInput, checked bool) string {
		ids := ""
		for _, i := range in.Discover(list, checked) {
			ids += i.InstanceID
		}
		return ids
	}
	type M = map[string]string
	require.Equal(t, "13", found(sd.DiscoverInstancesInput{}, true))
	require.Equal(t, "123", found(sd.DiscoverInstancesInput{}, false))
	require.Equal(t, "1", found(sd.DiscoverInstancesInput{MaxResults: ecs.Some(1)}, true))
	require.Equal(t, "1", found(sd.DiscoverInstancesInput{QueryParameters: M{"zone": "a"}}, true))
	require.Equal(t, "2", found(sd.DiscoverInstancesInput{QueryParameters: M{"v": "2"}}, true))
	require.Equal(t, "", found(sd.DiscoverInstancesInput{QueryParameters: M{"v": "3"}}, true))
	require.Equal(t, "3", found(sd.DiscoverInstancesInput{OptionalParameters: M{"zone": "b"}}, true))
	require.Equal(t, "13", found(sd.DiscoverInstancesInput{OptionalParameters: M{"zone": "c"}}, true))
}

// Filters of lists.
func TestFilter(t *testing.T) {
	for _, k := range []struct {
		condition string
		values    []string
		lets      bool
	}{{"", []string{"b"}, true}, {"EQ", []string{"c"}, false}, {"IN", []string{"a", "b"}, true},
		{"BEGINS_WITH", []string{"b"}, true}, {"BEGINS_WITH", []string{"bb"}, false},
		{"BETWEEN", []string{"a", "c"}, true}, {"BETWEEN", []string{"c", "d"}, false}} {
		f := sd.Filter{Condition: k.condition, Values: k.values}
		require.Equal(t, k.lets, f.Lets("b"), k.condition)
	}
}

func ExampleCreateServiceInput_Validate() {
	fmt.Println(sd.CreateServiceInput{Name: "my web"}.Validate())
	// Output: InvalidInput: Name: Name must have letters, digits, and - _ . only; it is "my web".
}

// An instance has what the records and the health check of its service need, and an alias stands for addresses.
//
// Seen to fail: each row with what it lacks no longer asked for.
func TestFits(t *testing.T) {
	const four, six, port = "AWS_INSTANCE_IPV4=192.0.2.1", "AWS_INSTANCE_IPV6=2001:db8::1", "AWS_INSTANCE_PORT=80"
	for _, c := range []struct {
		records, attributes, refused string
		checked                      bool
	}{
		{records: "", attributes: "a=b"},
		{records: "A", attributes: four},
		{records: "A", attributes: six,
			refused: "AWS_INSTANCE_IPV4 or AWS_ALIAS_DNS_NAME is required for the record A"},
		{records: "A AAAA", attributes: four, refused: "AWS_INSTANCE_IPV6 or AWS_ALIAS_DNS_NAME is required"},
		{records: "AAAA A", attributes: four + " " + six},
		{records: "A AAAA", attributes: "AWS_ALIAS_DNS_NAME=lb.example.com"},
		{records: "CNAME", attributes: four, refused: "AWS_INSTANCE_CNAME is required"},
		{records: "CNAME", attributes: "AWS_INSTANCE_CNAME=example.com"},
		{records: "SRV", attributes: four, refused: "AWS_INSTANCE_PORT is required"},
		{records: "SRV", attributes: port, refused: "AWS_INSTANCE_IPV4 or AWS_INSTANCE_IPV6 is required"},
		{records: "SRV", attributes: port + " " + six},
		{records: "A", attributes: four, checked: true, refused: "is required for the health check of the service"},
		{records: "A", attributes: four + " " + port, checked: true},
		{attributes: "AWS_INSTANCE_IPV4=1.2.3", refused: `AWS_INSTANCE_IPV4 cannot be "1.2.3"`},
		{attributes: "AWS_INSTANCE_IPV4=::1", refused: "AWS_INSTANCE_IPV4 cannot be"},
		{attributes: "AWS_INSTANCE_IPV6=192.0.2.1", refused: "AWS_INSTANCE_IPV6 cannot be"},
		{attributes: "AWS_INSTANCE_PORT=65536", refused: "AWS_INSTANCE_PORT cannot be"},
	} {
		s := sd.Service{}
		if c.records != "" {
			s.DNSConfig = &sd.DNSConfig{}
			for _, kind := range strings.Fields(c.records) {
				s.DNSConfig.DNSRecords = append(s.DNSConfig.DNSRecords, sd.DNSRecord{Type: kind})
			}
		}
		if c.checked {
			s.HealthCheckConfig = &sd.HealthCheckConfig{Type: "TCP"}
		}
		in := sd.RegisterInstanceInput{Attributes: map[string]string{}}
		for _, pair := range strings.Fields(c.attributes) {
			key, value, _ := strings.Cut(pair, "=")
			in.Attributes[key] = value
		}
		err := in.Fits(s)
		if c.refused == "" {
			require.NoError(t, err, "%+v", c)
			continue
		}
		require.ErrorIs(t, err, sd.InvalidInput)
		require.ErrorContains(t, err, c.refused)
	}
}
