package front

import "net/http"

// stsOperations are those of AWS Security Token Service: tools ask who they are before they do anything.
func stsOperations() table {
	return table{"GetCallerIdentity": from(getCallerIdentity)}
}

// notSTS are the actions of AWS STS that are not modelled: nobody can assume a role here.
func notSTS() table {
	return unmodelled(unsupported, "AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity", "AssumeRoot",
		"DecodeAuthorizationMessage", "GetAccessKeyInfo", "GetDelegatedAccessToken", "GetFederationToken",
		"GetSessionToken", "GetWebIdentityToken")
}

// getCallerIdentityInput is the input of GetCallerIdentity, which has no members.
type getCallerIdentityInput struct{}

// callerIdentity is its answer. Source: AWS Security Token Service API Reference, GetCallerIdentity.
type callerIdentity struct {
	UserID  string `json:"UserId"`
	Account string `json:"Account"`
	Arn     string `json:"Arn"`
}

// getCallerIdentity answers with the caller that policies see: a user with the name of its access key ID.
func getCallerIdentity(r *http.Request, _ getCallerIdentityInput) call {
	signed, _ := parseSignature(r) // without a signature the caller is anonymous
	return func(s *region) (any, error) {
		q := question{Call: Call{AccessKeyID: signed.id}, world: s}
		return callerIdentity{UserID: q.user(), Account: q.account(), Arn: q.principal()}, nil
	}
}
