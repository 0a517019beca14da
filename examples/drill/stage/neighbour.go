package stage

import (
	"fmt"
	"net/http"
	"strings"
)

// neighbour answers a call of a service that localecs does not serve, as far as commands that deploy need it, or
// refuses it by name. It reports false for a call that is localecs's.
func neighbour(r *http.Request, q request) (*answer, bool) {
	if localecs(q) {
		return nil, false
	}
	reply, known := replies()[q.name()]
	if !known {
		return refuse(r, http.StatusBadRequest, "NotModelled",
			"The drill does not answer "+q.name()+"."), true
	}
	a := newAnswer()
	a.header.Set("X-Amzn-Requestid", requestID)
	a.header.Set("Content-Type", "application/x-amz-json-1.1")
	if strings.HasPrefix(reply, "<") {
		a.header.Set("Content-Type", "text/xml")
		reply = fmt.Sprintf("<%[1]sResponse><%[1]sResult>%[2]s</%[1]sResult><ResponseMetadata><RequestId>%[3]s"+
			"</RequestId></ResponseMetadata></%[1]sResponse>", q.action, reply, requestID)
	}
	a.status = http.StatusOK
	a.body.WriteString(reply)
	return a, true
}

// localecs reports whether a call is for a service that localecs serves.
func localecs(q request) bool {
	switch q.service {
	case "ecs", "application-autoscaling", "ecr", "codedeploy", "cloudwatch", "monitoring", "servicediscovery",
		"elasticloadbalancing", "autoscaling", "unknown":
		return true
	}
	return q.name() == "sts:GetCallerIdentity"
}

// replies are the answers of the services around, by action: JSON, or the result in XML.
func replies() map[string]string {
	const keys = "<Credentials><AccessKeyId>ASIADRILLDRILLDRILL</AccessKeyId><SecretAccessKey>drill</SecretAccessKey>" +
		"<SessionToken>drill</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
	return map[string]string{
		"sts:AssumeRole": keys + "<AssumedRoleUser><AssumedRoleId>AROADRILL:drill</AssumedRoleId>" +
			"<Arn>arn:aws:sts::123456789012:assumed-role/drill/drill</Arn></AssumedRoleUser>",
		"sts:GetSessionToken": keys,
		"iam:GetRole": "<Role><Path>/</Path><RoleName>drill</RoleName><RoleId>AROADRILL</RoleId>" +
			"<Arn>arn:aws:iam::123456789012:role/drill</Arn><CreateDate>2026-01-01T00:00:00Z</CreateDate></Role>",
		"logs:CreateLogGroup":     `{}`,
		"logs:CreateLogStream":    `{}`,
		"logs:PutRetentionPolicy": `{}`,
		"logs:PutLogEvents":       `{"nextSequenceToken": "1"}`,
		"logs:DescribeLogGroups":  `{"logGroups": []}`,
		"logs:DescribeLogStreams": `{"logStreams": []}`,
		"logs:GetLogEvents":       `{"events": [], "nextForwardToken": "f/0", "nextBackwardToken": "b/0"}`,
		"logs:FilterLogEvents":    `{"events": [], "searchedLogStreams": []}`,
	}
}
