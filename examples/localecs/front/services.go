package front

import (
	"net/http"
	"slices"

	"github.com/bayplan/bayplan/autoscale/groups"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/servicediscovery"
	"github.com/bayplan/bayplan/examples/localecs/front/autoscaling"
	"github.com/bayplan/bayplan/examples/localecs/front/cloudwatch"
	"github.com/bayplan/bayplan/examples/localecs/front/query"
)

// service is one of AWS's services: how its clients name it in each protocol that it speaks.
type service struct {
	name    string // its row in operations and in named: "ecs"
	policy  string // its name in policies; "": name
	scope   string // in the credential scope of a signature
	target  string // before the dot of X-Amz-Target, and in paths of RPC v2; "": it speaks neither
	version string // of AWS JSON: "1.1"
	cbor    bool   // it speaks RPC v2 CBOR
	form    string // Version of the query protocol; "": it does not speak it
	xml     query.API
	gzipped []string // actions whose body may be compressed
	// codes are the errors of the service for those of the plane and of the front. Others keep their name.
	codes map[ecs.Code]failure
}

// failure is an error as a service has it.
type failure struct {
	code   ecs.Code // in JSON and CBOR the shape's name, in XML the model's error code
	query  string   // the error code for clients that were made for XML; "": the same
	status int
}

// catalogue has the services that are served.
type catalogue []*service

// services lists what is served. It makes the tables of errors, too: a Server has one catalogue.
// Source: each service's model; Service Authorization Reference for the names in policies.
func services() catalogue {
	return catalogue{
		{name: "ecs", scope: "ecs", target: "AmazonEC2ContainerServiceV20141113", version: "1.1"},
		{name: "application-autoscaling", scope: "application-autoscaling", target: "AnyScaleFrontendService",
			version: "1.1",
			codes: map[ecs.Code]failure{
				ecs.InvalidParameterException:   {code: ecs.ValidationException, status: http.StatusBadRequest},
				ecs.UnsupportedFeatureException: {code: ecs.ValidationException, status: http.StatusBadRequest},
			}},
		{name: "cloudwatch", scope: "monitoring", target: "GraniteServiceVersion20100801", version: "1.0", cbor: true,
			form: "2010-08-01", xml: query.API{Namespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
				Bare: cloudwatch.Bare()},
			gzipped: cloudwatch.Gzipped(), codes: cloudWatchCodes()},
		{name: "elasticloadbalancing", scope: "elasticloadbalancing", form: "2015-12-01",
			xml:   query.API{Namespace: "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"},
			codes: queryCodes()},
		{name: "elb", policy: "elasticloadbalancing", scope: "elasticloadbalancing", form: "2012-06-01",
			xml:   query.API{Namespace: "http://elasticloadbalancing.amazonaws.com/doc/2012-06-01/"},
			codes: queryCodes()},
		{name: "autoscaling", scope: "autoscaling", form: "2011-01-01",
			xml:   query.API{Namespace: "http://autoscaling.amazonaws.com/doc/2011-01-01/", Bare: autoscaling.Bare()},
			codes: scalingCodes()},
		{name: "ecr", scope: "ecr", target: "AmazonEC2ContainerRegistry_V20150921", version: "1.1",
			codes: map[ecs.Code]failure{
				ecs.UnsupportedFeatureException: {code: ecs.InvalidParameterException, status: http.StatusBadRequest},
			}},
		{name: "codedeploy", scope: "codedeploy", target: "CodeDeploy_20141006", version: "1.1",
			codes: map[ecs.Code]failure{
				ecs.InvalidParameterException:   {code: ecs.ValidationException, status: http.StatusBadRequest},
				ecs.UnsupportedFeatureException: {code: ecs.ValidationException, status: http.StatusBadRequest},
			}},
		{name: "servicediscovery", scope: "servicediscovery", target: "Route53AutoNaming_v20170314", version: "1.1",
			codes: map[ecs.Code]failure{
				ecs.InvalidParameterException:   {code: servicediscovery.InvalidInput, status: http.StatusBadRequest},
				ecs.UnsupportedFeatureException: {code: servicediscovery.InvalidInput, status: http.StatusBadRequest},
			}},
		{name: "sts", scope: "sts", form: "2011-06-15",
			xml: query.API{Namespace: "https://sts.amazonaws.com/doc/2011-06-15/"}, codes: queryCodes()},
	}
}

// queryCodes are the errors of services that speak the query protocol only.
// Source: AWS General Reference, "Common error types".
func queryCodes() map[ecs.Code]failure {
	return map[ecs.Code]failure{
		ecs.AccessDeniedException:       {code: "AccessDenied", status: http.StatusBadRequest},
		unrecognizedClient:              {code: "InvalidClientTokenId", status: http.StatusBadRequest},
		invalidSignature:                {code: "SignatureDoesNotMatch", status: http.StatusBadRequest},
		missingAuthentication:           {code: "MissingAuthenticationToken", status: http.StatusBadRequest},
		incompleteSignature:             {code: "IncompleteSignature", status: http.StatusBadRequest},
		unknownOperation:                {code: "InvalidAction", status: http.StatusBadRequest},
		ecs.SerializationException:      {code: "MalformedInput", status: http.StatusBadRequest},
		ecs.InvalidParameterException:   {code: query.ValidationError, status: http.StatusBadRequest},
		ecs.UnsupportedFeatureException: {code: query.ValidationError, status: http.StatusBadRequest},
		ecs.ServerException:             {code: "InternalFailure", status: http.StatusInternalServerError},
	}
}

// scalingCodes are the errors of EC2 Auto Scaling.
// Source: Amazon EC2 Auto Scaling API Reference, "Common Errors" and the errors of its actions.
func scalingCodes() map[ecs.Code]failure {
	codes := queryCodes()
	codes[ecs.ValidationException] = failure{code: groups.ValidationError, status: http.StatusBadRequest}
	return codes
}

// failureOf returns an error in the service's words.
func (s *service) failureOf(code ecs.Code) failure {
	f, known := failure{}, false
	if s != nil {
		f, known = s.codes[code]
	}
	if !known {
		f = failure{code: code, status: http.StatusBadRequest}
		if code == ecs.ServerException {
			f.status = http.StatusInternalServerError
		}
	}
	if f.query == "" {
		f.query = string(f.code)
	}
	return f
}

// by finds a service.
func (all catalogue) by(is func(*service) bool) *service {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i]
	}
	return nil
}
