package ecs

import (
	"strings"

	"github.com/bayplan/bayplan/internal/check"
)

// ECRHost is the host of a private registry of Amazon ECR.
type ECRHost struct {
	Account string // 12 digits
	Region  string
	FIPS    bool
}

// ParseECRHost reads the host of a private registry: ACCOUNT.dkr.ecr.REGION.amazonaws.com, with .cn in
// China and dkr.ecr-fips for FIPS, or ACCOUNT.dkr-ecr.REGION.on.aws. Source: Amazon ECR User Guide,
// "Amazon ECR private registry".
func ParseECRHost(host string) (ECRHost, bool) {
	account, rest, ok := strings.Cut(host, ".")
	if !ok || len(account) != 12 || strings.Trim(account, "0123456789") != "" {
		return ECRHost{}, false
	}
	h := ECRHost{Account: account}
	if region, dual := strings.CutSuffix(rest, ".on.aws"); dual {
		rest = region
		if h.Region, h.FIPS = strings.CutPrefix(rest, "dkr-ecr-fips."); !h.FIPS {
			h.Region, ok = strings.CutPrefix(rest, "dkr-ecr.")
		}
		return h, ok && isRegion(h.Region)
	}
	rest, china := strings.CutSuffix(rest, ".amazonaws.com.cn")
	if !china {
		if rest, ok = strings.CutSuffix(rest, ".amazonaws.com"); !ok {
			return ECRHost{}, false
		}
	}
	if h.Region, h.FIPS = strings.CutPrefix(rest, "dkr.ecr-fips."); !h.FIPS {
		h.Region, ok = strings.CutPrefix(rest, "dkr.ecr.")
	}
	return h, ok && isRegion(h.Region)
}

func isRegion(s string) bool { return s != "" && check.Only(s, "-") && strings.ToLower(s) == s }

// IsPrivateECR reports whether an image comes from a private registry of Amazon ECR, so that pulling it
// takes a role.
func IsPrivateECR(image string) bool {
	host, _, ok := strings.Cut(image, "/")
	if !ok {
		return false
	}
	_, ok = ParseECRHost(host)
	return ok
}
