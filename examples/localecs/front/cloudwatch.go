package front

import (
	"net/http"

	metrics "github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/examples/localecs/front/cloudwatch"
)

// unsupported is the error of services that have no name for what is not modelled.
const unsupported = ecs.UnsupportedFeatureException

// cloudWatchCodes are the errors of Amazon CloudWatch, by shape and by code.
// Source: Amazon CloudWatch API Reference, "Common errors" and the errors of each action.
func cloudWatchCodes() map[ecs.Code]failure {
	codes := queryCodes()
	for code, f := range codes { //order:any each alone
		f.query, f.code, f.status = string(f.code), code, http.StatusBadRequest
		codes[code] = f
	}
	for code, old := range cloudwatch.Codes() { //order:any each alone
		status := http.StatusBadRequest
		if cloudwatch.NotFound(code) {
			status = http.StatusNotFound
		}
		codes[code] = failure{code, old, status}
	}
	for _, code := range []ecs.Code{ecs.InvalidParameterException, unsupported} {
		codes[code] = codes[metrics.InvalidParameterValue]
	}
	codes[ecs.ServerException] = failure{"InternalServiceFault", "InternalServiceError", http.StatusInternalServerError}
	return codes
}
