package query

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/bayplan/bayplan/examples/localecs/front/shape"
)

// API is one service's part of the protocol.
type API struct {
	Namespace string // the XML namespace of answers, such as http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/
	// Bare are the actions without a result in their model: their answers have no ActionResult element.
	Bare map[string]bool
}

// Answer returns the document of a success: <ActionResponse>, in it <ActionResult> with the members of the
// result, and the request's ID.
func (a API) Answer(action, requestID string, result shape.Value) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "<%sResponse xmlns=\"%s\">", action, escaped(a.Namespace))
	if !a.Bare[action] {
		element(&b, action+"Result", result)
	}
	fmt.Fprintf(&b, "<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>\n",
		escaped(requestID), action)
	return b.Bytes()
}

// Fault returns the document of a failure. The code is the model's error code, such as TargetGroupNotFound.
func (a API) Fault(requestID, code, message string, sender bool) []byte {
	fault := "Sender"
	if !sender {
		fault = "Receiver"
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "<ErrorResponse xmlns=\"%s\"><Error><Type>%s</Type><Code>%s</Code><Message>%s</Message></Error>"+
		"<RequestId>%s</RequestId></ErrorResponse>\n", escaped(a.Namespace), fault, escaped(code), escaped(message),
		escaped(requestID))
	return b.Bytes()
}

// escaped is a text as XML has it. Characters that XML cannot have become U+FFFD.
func escaped(s string) string {
	var b bytes.Buffer
	if xml.EscapeText(&b, []byte(s)) != nil {
		return "" // a buffer takes everything
	}
	return b.String()
}

// element writes a value under a name. An absent value is an absent element.
func element(b *bytes.Buffer, name string, v shape.Value) {
	if v == nil {
		return
	}
	b.WriteString("<" + name + ">")
	switch v := v.(type) {
	case shape.Structure:
		for _, m := range v {
			element(b, m.Name, m.Value)
		}
	case shape.List:
		for _, item := range v {
			element(b, "member", item)
		}
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case int64:
		b.WriteString(strconv.FormatInt(v, 10))
	case uint64:
		b.WriteString(strconv.FormatUint(v, 10))
	case float64:
		b.WriteString(float(v))
	case string:
		b.WriteString(escaped(v))
	case []byte:
		b.WriteString(base64.StdEncoding.EncodeToString(v))
	case time.Time:
		b.WriteString(v.UTC().Format("2006-01-02T15:04:05.000Z"))
	}
	b.WriteString("</" + name + ">")
}

// float is a number as XML Schema writes it.
func float(v float64) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 1):
		return "Infinity"
	case math.IsInf(v, -1):
		return "-Infinity"
	}
	text := strconv.FormatFloat(v, 'f', -1, 64)
	if v == math.Trunc(v) {
		text += ".0"
	}
	return text
}
