package front_test

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/iam"
	"github.com/bayplan/bayplan/examples/localecs/front"
	"github.com/bayplan/bayplan/examples/localecs/front/cbor"
	"github.com/bayplan/bayplan/examples/localecs/front/shape"
)

// wire is a call as it goes over the wire.
type wire struct {
	method, path string // empty: POST and /
	headers      [][2]string
	body         string
}

// sent returns what the server answers.
func (c wire) sent(h http.Handler) (status int, header http.Header, body string) {
	if c.method == "" {
		c.method = http.MethodPost
	}
	if c.path == "" {
		c.path = "/"
	}
	r := httptest.NewRequest(c.method, "http://localhost"+c.path, strings.NewReader(c.body))
	for _, h := range c.headers {
		r.Header.Set(h[0], h[1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Header(), w.Body.String()
}

// The headers of the protocols.
var (
	formHeaders = [][2]string{{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"},
		{"Amz-Sdk-Invocation-Id", "1"}}
	rpcHeaders = [][2]string{{"Content-Type", "application/cbor"}, {"Smithy-Protocol", "rpc-v2-cbor"},
		{"X-Amzn-Query-Mode", "true"}}
	jsonHeaders = [][2]string{{"Content-Type", "application/x-amz-json-1.0"}, {"X-Amzn-Query-Mode", "true"}}
)

func target(name string, headers ...[2]string) [][2]string {
	return append([][2]string{{"X-Amz-Target", name}}, headers...)
}

// byProtocol are a datapoint of 100, and the alarm that rings, in each protocol of Amazon CloudWatch.
func byProtocol(t *testing.T) map[string][2]wire {
	encoded := func(s shape.Structure) string { return string(cbor.Encode(s)) }
	dimensions := shape.List{shape.Structure{{Name: "Name", Value: "ClusterName"}, {Name: "Value", Value: "default"}},
		shape.Structure{{Name: "Name", Value: "ServiceName"}, {Name: "Value", Value: "web"}}}
	datum := shape.Structure{{Name: "Namespace", Value: "app"}, {Name: "MetricData", Value: shape.List{shape.Structure{
		{Name: "MetricName", Value: "backlog"}, {Name: "Value", Value: int64(100)}, {Name: "Dimensions",
			Value: dimensions}}}}}
	alarm := shape.Structure{{Name: "AlarmName", Value: "errors"}, {Name: "StateValue", Value: "ALARM"},
		{Name: "StateReason", Value: "test"}}
	const (
		data  = `{"Namespace":"app","MetricData":[{"MetricName":"backlog","StatisticValues":{"SampleCount":2,"Sum":200,"Minimum":1,"Maximum":199},"Dimensions":[{"Name":"ClusterName","Value":"default"},{"Name":"ServiceName","Value":"web"}]}]}`
		state = `{"AlarmName":"errors","StateValue":"ALARM","StateReason":"test"}`
	)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, err := z.Write([]byte(data))
	require.NoError(t, err)
	require.NoError(t, z.Close())
	const rpc, granite = "/service/GraniteServiceVersion20100801/operation/", "GraniteServiceVersion20100801."
	form := "Version=2010-08-01&Action="
	return map[string][2]wire{
		"AWS JSON 1.0": {{headers: target(granite+"PutMetricData", jsonHeaders...), body: data},
			{headers: target(granite+"SetAlarmState", jsonHeaders...), body: state}},
		"gzip": {{headers: target(granite+"PutMetricData", [2]string{"Content-Encoding", "gzip"}),
			body: packed.String()}, {headers: target(granite + "SetAlarmState"), body: state}},
		"RPC v2 CBOR": {{path: rpc + "PutMetricData", headers: rpcHeaders, body: encoded(datum)}, {path: rpc +
			"SetAlarmState", headers: rpcHeaders, body: encoded(alarm)}},
		"query": {{headers: formHeaders, body: form + "PutMetricData&Namespace=app" +
			strings.ReplaceAll("&D.MetricName=backlog&D.Values.member.1=90&D.Values.member.2=120&D.Counts.member.1=2"+
				"&D.Counts.member.2=1&D.Dimensions.member.1.Name=ClusterName&D.Dimensions.member.1.Value=default"+
				"&D.Dimensions.member.2.Name=ServiceName&D.Dimensions.member.2.Value=web",
				"&D.", "&MetricData.member.1.")},
			{headers: formHeaders, body: form + "SetAlarmState&AlarmName=errors&StateValue=ALARM&StateReason=test"}},
	}
}

// TestProtocols tells a service its metric, and a deployment its alarm, in each protocol: the service
// scales, and the deployment is rolled back.
//
// Seen to fail: the datapoint of a compressed body.
func TestProtocols(t *testing.T) {
	for name, calls := range byProtocol(t) {
		t.Run(name, func(t *testing.T) {
			server, err := front.New(front.Config{Seed: 1, Instances: 3, Manual: true})
			require.NoError(t, err)
			api := httptest.NewServer(server)
			t.Cleanup(api.Close)
			c := &client{t, api.URL}
			c.call("RegisterTaskDefinition", web(0))
			c.call("CreateService", m{"serviceName": "web", "taskDefinition": "web", "desiredCount": 1,
				"deploymentConfiguration": m{
					"alarms": m{"alarmNames": []string{"errors"}, "enable": true, "rollback": true}}})
			c.advance("30m")
			scalable := m{"ServiceNamespace": "ecs", "ResourceId": "service/default/web",
				"ScalableDimension": "ecs:service:DesiredCount"}
			c.scaling("RegisterScalableTarget", scalable, m{"MinCapacity": 1, "MaxCapacity": 3})
			c.scaling("PutScalingPolicy", scalable, m{"PolicyName": "p", "PolicyType": "TargetTrackingScaling",
				"TargetTrackingScalingPolicyConfiguration": m{"TargetValue": 50,
					"CustomizedMetricSpecification": m{"MetricName": "backlog", "Namespace": "app",
						"Statistic": "Average", "Dimensions": []m{{"Name": "ClusterName", "Value": "default"},
							{"Name": "ServiceName", "Value": "web"}}}}})
			made, _, body := wire{headers: target("GraniteServiceVersion20100801.PutMetricAlarm", jsonHeaders...),
				body: `{"AlarmName":"errors","Namespace":"app","MetricName":"errors","Statistic":"Sum","Period":60,` +
					`"EvaluationPeriods":1,"Threshold":1,"ComparisonOperator":"GreaterThanThreshold"}`}.sent(server)
			require.Equal(t, 200, made, body)
			for range 5 {
				status, header, body := calls[0].sent(server)
				require.Equal(t, 200, status, body)
				require.NotEmpty(t, header.Get("X-Amzn-Requestid"))
				c.advance("1m")
			}
			service := func() m {
				return c.call("DescribeServices",
					m{"services": []string{"web"}})["services"].([]any)[0].(m)
			}
			require.EqualValues(t, 3, service()["desiredCount"], "100 stays twice the target of 50")
			definition := web(0)
			definition["containerDefinitions"].([]m)[0]["image"] = "web:2"
			c.call("RegisterTaskDefinition", definition)
			c.call("UpdateService", m{"service": "web", "taskDefinition": "web:2"})
			status, _, body := calls[1].sent(server)
			require.Equal(t, 200, status, body)
			c.advance("30m")
			require.Contains(t, service()["taskDefinition"], "web:1", "the alarm rolls back")
		})
	}
}

// scaling calls Application Auto Scaling.
func (c *client) scaling(action string, parts ...m) {
	c.t.Helper()
	in := m{}
	for _, part := range parts {
		for k, v := range part {
			in[k] = v
		}
	}
	body, err := json.Marshal(in)
	require.NoError(c.t, err)
	status, out := c.raw(scalingTarget+action, string(body))
	require.Equal(c.t, 200, status, "%v", out)
}

// TestEnvelopes answers malformed calls in the words of their protocol.
//
// Seen to fail: the service told by its action alone; an error of CloudWatch without its code for XML.
func TestEnvelopes(t *testing.T) {
	server, err := front.New(front.Config{Manual: true, Authorizer: front.Policies{}})
	require.NoError(t, err)
	const granite = "GraniteServiceVersion20100801."
	rpc := "/service/GraniteServiceVersion20100801/operation/"
	xml := func(namespace, code, message string) string {
		return `<ErrorResponse xmlns="` + namespace + `"><Error><Type>Sender</Type><Code>` + code +
			`</Code><Message>` + message
	}
	const sts, monitoring = "https://sts.amazonaws.com/doc/2011-06-15/",
		"http://monitoring.amazonaws.com/doc/2010-08-01/"
	body := func(s string) string { data, _ := hex.DecodeString(s); return string(data) }
	bomb := new(bytes.Buffer)
	z := gzip.NewWriter(bomb)
	_, err = io.CopyN(z, zeros{}, 64<<20)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	for name, k := range map[string]struct {
		call   wire
		status int
		says   string // the beginning of the body, or of the text of its CBOR
		query  string // the header of the error for XML
	}{
		"no operation": {wire{method: "GET", path: "/nothing"}, 400, `{"__type":"UnknownOperationException"`, ""},
		"a page":       {wire{method: "GET"}, 200, "<!doctype html>", ""},
		"a registry":   {wire{method: "GET", path: "/v2/"}, 400, `{"__type":"UnknownOperationException"`, ""},
		"by " +
			"GET": {wire{method: "GET",
			headers: target("AmazonEC2ContainerServiceV20141113.ListClusters")}, 400,
			`{"__type":"UnknownOperationException"`, ""},
		"unknown target": {wire{headers: target("Other.ListClusters")}, 400,
			`{"__type":"UnknownOperationException"`, ""},
		"JSON, unknown action": {wire{headers: target(granite+"Do", jsonHeaders...)}, 400,
			`{"__type":"UnknownOperationException"`, "InvalidAction;Sender"},
		"JSON, not modelled": {wire{headers: target(granite+"ListDashboards", jsonHeaders...)}, 400,
			`{"__type":"InvalidParameterValueException","message":"ListDashboards is not modelled here."}`,
			"InvalidParameterValue;Sender"},
		"JSON, broken": {wire{headers: target(granite+"SetAlarmState", jsonHeaders...), body: `{`}, 400,
			`{"__type":"SerializationException"`, "MalformedInput;Sender"},
		"JSON, denied": {wire{headers: target(granite+"SetAlarmState", jsonHeaders...),
			body: `{"AlarmName":"a"}`}, 400,
			`{"__type":"AccessDeniedException","message":"User: arn:aws:iam::123456789012:user/anonymous is not authorized to perform: cloudwatch:SetAlarmState on resource: arn:aws:cloudwatch:us-east-1:123456789012:alarm:a`, "AccessDenied;Sender"},
		"JSON, not gzip": {wire{headers: target(granite+"PutMetricData", [2]string{"Content-Encoding",
			"gzip"}), body: `{}`}, 400, `{"__type":"SerializationException","message":"The body is not gzip`, ""},
		"gzip of another": {wire{headers: target(granite+"SetAlarmState", [2]string{"Content-Encoding",
			"gzip"}), body: bomb.String()}, 400,
			`{"__type":"SerializationException","message":"The body of SetAlarmState cannot be encoded`, ""},
		"too much gzip": {wire{headers: target(granite+"PutMetricData", [2]string{"Content-Encoding",
			"gzip"}), body: bomb.String()}, 400,
			`{"__type":"SerializationException","message":"The request is larger than 4194304 bytes`, ""},
		"CBOR, unknown action": {wire{path: rpc + "Do", headers: rpcHeaders}, 404,
			`{"__type":"UnknownOperationException"`, "InvalidAction;Sender"},
		"CBOR, unknown service": {wire{path: "/service/Other/operation/Do", headers: rpcHeaders}, 404,
			`{"__type":"UnknownOperationException"`, "UnknownOperationException;Sender"},
		"CBOR, no protocol": {wire{path: rpc + "SetAlarmState"}, 400,
			`{"__type":"SerializationException","message":"The header Smithy-Protocol must be rpc-v2-cbor."}`, ""},
		"CBOR, broken": {wire{path: rpc + "SetAlarmState", headers: rpcHeaders, body: body("a16161")}, 400,
			`{"__type":"SerializationException","message":"The body is not CBOR of this protocol at byte 3: it ends early."}`, "MalformedInput;Sender"},
		"CBOR, unknown member": {wire{path: rpc + "SetAlarmState", headers: rpcHeaders, body: body("bf616101ff")},
			400, `{"__type":"InvalidParameterValueException","message":"Unknown parameter in input`,
			"InvalidParameterValue;Sender"},
		"form, no header": {wire{headers: formHeaders[:1], body: "Action=GetCallerIdentity&Version=2011-06-15"},
			403, xml("", "MissingAuthenticationToken", "Missing Authentication Token."), ""},
		"form, by GET": {wire{method: "GET", headers: formHeaders,
			body: "Action=GetCallerIdentity&Version=2011-06-15"}, 400, `{"__type":"UnknownOperationException"`, ""},
		"form, unknown version": {wire{headers: formHeaders, body: "Action=DescribeTags&Version=1999-01-01"}, 400,
			xml("", "InvalidAction", ""), ""},
		"form, no version": {wire{headers: formHeaders, body: "Action=DescribeTags"}, 400, xml("",
			"InvalidAction", ""), ""},
		"form, unknown action": {wire{headers: formHeaders, body: "Action=Do&Version=2011-06-15"}, 400, xml(sts,
			"InvalidAction", "&#34;Do&#34; is not served."), ""},
		"form, not modelled": {wire{headers: formHeaders, body: "Action=AssumeRole&Version=2011-06-15"}, 400,
			xml(sts, "ValidationError", "AssumeRole is not modelled here."), ""},
		"form, unknown " +
			"member": {wire{headers: formHeaders, body: "Action=GetCallerIdentity&Version=2011-06-15&a.b=<"}, 400,
			xml(sts, "ValidationError", "Unknown parameter in input: &#34;a&#34;"), ""},
		"form, broken": {wire{headers: formHeaders, body: "Action=%zz"}, 400, xml("", "ValidationError",
			"The body is not a form"), ""},
		"form, denied": {wire{headers: formHeaders, body: "Action=PutMetricData&Version=2010-08-01"}, 403,
			xml(monitoring, "AccessDenied", "User: "), ""},
		"form, wrong " +
			"type": {wire{headers: formHeaders,
			body: "Action=PutMetricData&Version=2010-08-01&MetricData.member.1.Value=x"}, 400, xml(monitoring,
			"ValidationError", "The value is a number"), ""},
	} {
		status, header, text := k.call.sent(server)
		if header.Get("Content-Type") == "application/cbor" {
			require.Equal(t, "rpc-v2-cbor", header.Get("Smithy-Protocol"), name)
			document, err := cbor.Document([]byte(text))
			require.NoError(t, err, name)
			text = string(document)
		}
		require.True(t, strings.HasPrefix(text, k.says), "%s: %s", name, text)
		require.Equal(t, k.status, status, "%s: %s", name, text)
		require.Equal(t, k.query, header.Get("X-Amzn-Query-Error"), name)
	}
}

// zeros is an endless file of zeros.
type zeros struct{}

// Read is io.Reader's.
func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestGetCallerIdentity answers who calls, whatever the policies say, by the service's Version or else by
// the scope of the signature.
//
// Seen to fail: an authorizer that is asked.
func TestGetCallerIdentity(t *testing.T) {
	server, err := front.New(front.Config{Manual: true, Account: "210987654321", Authorizer: front.Policies{}})
	require.NoError(t, err)
	signed := [2]string{"Authorization", "AWS4-HMAC-SHA256 Credential=AKID/20300101/eu-west-1/sts/aws4_request, " +
		"SignedHeaders=host, Signature=0"}
	for who, call := range map[string]wire{
		"anonymous": {headers: formHeaders, body: "Action=GetCallerIdentity&Version=2011-06-15"},
		"AKID":      {headers: append([][2]string{signed}, formHeaders...), body: "Action=GetCallerIdentity"},
	} {
		status, header, body := call.sent(server)
		require.Equal(t, 200, status, body)
		require.Equal(t, "text/xml", header.Get("Content-Type"))
		require.Equal(t,
			fmt.Sprintf(`<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>`+
				`<UserId>%[1]s</UserId><Account>210987654321</Account><Arn>arn:aws:iam::210987654321:user/%[1]s</Arn></GetCallerIdentityResult>`+
				`<ResponseMetadata><RequestId>%[2]s</RequestId></ResponseMetadata></GetCallerIdentityResponse>`+"\n", who,
				header.Get("X-Amzn-Requestid")), body)
	}
}

// TestMetricDataRefused refuses what CloudWatch refuses, and what would stand for a metric of AWS's own.
//
// Seen to fail: values that are not finite together.
func TestMetricDataRefused(t *testing.T) {
	p, err := iam.ParsePolicy("p",
		[]byte(`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"cloudwatch:*","Resource":"*","Condition":{"StringNotEquals":{"cloudwatch:namespace":"theirs"}}}}`))
	require.NoError(t, err)
	server, err := front.New(front.Config{Manual: true, Authorizer: front.Policies{"": {p}}})
	require.NoError(t, err)
	send := func(action, body string) (int, string) {
		status, _, text := wire{headers: target("GraniteServiceVersion20100801."+action, jsonHeaders...),
			body: body}.sent(server)
		return status, text
	}
	datum := func(d string) string {
		return `{"Namespace":"app","MetricData":[{"MetricName":"a","Value":1},` + d +
			`]}`
	}
	for body, want := range map[string]string{
		`{"MetricData":[]}`:       "MissingRequiredParameterException",
		`{"Namespace":"AWS/ECS"}`: "The value AWS/ for parameter Namespace is invalid.",
		`{"Namespace":"theirs"}`: "is not authorized to perform: cloudwatch:PutMetricData on " +
			"resource: *",
		datum(`{"Value":1}`):                                                "MetricData[1].MetricName is required",
		datum(`{"MetricName":"a"}`):                                         "MetricData[1].Value is required",
		datum(`{"MetricName":"a","Value":1,"Values":[1]}`):                  "Only one of Value, StatisticValues and Values",
		datum(`{"MetricName":"a","Value":1e109}`):                           "between -2^360 and 2^360",
		datum(`{"MetricName":"a","Values":[10,10],"Counts":[1e308,1e308]}`): "greater than 0, and at most 2^360",
		datum(`{"MetricName":"a","Values":[1e308,1e308]}`):                  "between -2^360 and 2^360",
		datum(`{"MetricName":"a","Values":[1],"Counts":[1,2]}`):             "as many items as Values: 2 and 1",
		datum(`{"MetricName":"a","Values":[1],"Counts":[0]}`):               "greater than 0",
		datum(`{"MetricName":"a","StatisticValues":{"SampleCount":0,"Sum":1}}`): "SampleCount must be greater " +
			"than 0",
		`{"Namespace":"app","MetricData":[` + strings.Repeat(`{},`, 1000) +
			`{}]}`: "size greater than 1000; it has 1001",
		`{"Namespace":"app","EntityMetricData":[]}`: "EntityMetricData is not " +
			"modelled here",
	} {
		status, text := send("PutMetricData", body)
		require.Equal(t, 400, status, body)
		require.Contains(t, text, want, body)
	}
	status, text := send("PutMetricData",
		datum(`{"MetricName":"b","Value":2,"Dimensions":[{"Name":"ClusterName","Value":"none"},{"Name":"ServiceName","Value":"none"}]}`))
	require.Equal(t, 200, status, text)
	for body, want := range map[string]string{
		`{}`: "AlarmName is required", `{"AlarmName":"a","StateValue":"RED","StateReason":"x"}`: "StateValue is " +
			"one of OK, ALARM, INSUFFICIENT_DATA; it is",
		`{"AlarmName":"` + strings.Repeat("a", 256) + `","StateValue":"OK","StateReason":"x"}`: "at most 255 " +
			"characters; it has 256",
	} {
		status, text := send("SetAlarmState", body)
		require.Equal(t, 400, status, body)
		require.Contains(t, text, want, body)
	}
	status, text = send("SetAlarmState", `{"AlarmName":"a0","StateValue":"ALARM","StateReason":"x"}`)
	require.Equal(t, 404, status)
	require.Contains(t, text, `"__type":"ResourceNotFound"`)
	status, text = send("PutMetricAlarm", `{"AlarmName":"a0","Namespace":"app","MetricName":"a","Statistic":"Sum",`+
		`"Period":60,"EvaluationPeriods":1,"Threshold":1,"ComparisonOperator":"GreaterThanThreshold"}`)
	require.Equal(t, 200, status, text)
	status, text = send("SetAlarmState", `{"AlarmName":"a0","StateValue":"ALARM","StateReason":"x"}`)
	require.Equal(t, 200, status, text)
}
