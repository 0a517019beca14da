package metadata

import (
	"crypto/hmac"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"maps"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/bayplan/bayplan/ecs/agentconfig"
)

// The headers of version 2 of the instance metadata service.
const (
	headerTTL   = "X-Aws-Ec2-Metadata-Token-Ttl-Seconds"
	headerToken = "X-Aws-Ec2-Metadata-Token"
	maxTTL      = 21600 // seconds
)

// instance answers requests for instance metadata.
// Source: Amazon EC2 User Guide, "Use the Instance Metadata Service to access instance metadata".
func (s *Server) instance(w http.ResponseWriter, r *http.Request) {
	if s.config.Instance.BlockAwsvpc && s.caller(r) != "" {
		panic(http.ErrAbortHandler) // the agent drops its packets
	}
	if r.URL.Path == "/latest/api/token" {
		s.token(w, r)
		return
	}
	given := r.Header.Get(headerToken)
	if !s.valid(given) && (given != "" || !s.config.Instance.TokensOptional) {
		http.Error(w, "", http.StatusUnauthorized)
		return
	}
	if r.Method != http.MethodGet {
		http.Error(w, "", http.StatusMethodNotAllowed)
		return
	}
	if r.URL.Path == "/latest/user-data" && s.config.Instance.UserData != "" {
		w.Header().Set("Content-Type", "application/octet-stream")
		_, _ = w.Write([]byte(s.config.Instance.UserData)) // the caller may have gone
		return
	}
	text, ok := s.value(r)
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	_, _ = w.Write([]byte(text)) // the caller may have gone
}

// token answers a request for a session token. A token is signed, and so takes no memory.
func (s *Server) token(w http.ResponseWriter, r *http.Request) {
	limit, hops := max(1, s.config.Instance.HopLimit), 1
	if s.config.Instance.Hops != nil {
		hops = s.config.Instance.Hops(r)
	}
	seconds, err := strconv.Atoi(r.Header.Get(headerTTL))
	switch {
	case r.Method != http.MethodPut:
		http.Error(w, "", http.StatusMethodNotAllowed)
	case r.Header.Get("X-Forwarded-For") != "":
		http.Error(w, "", http.StatusForbidden) // an open proxy in front of a program asks
	case err != nil || seconds < 1 || seconds > maxTTL:
		http.Error(w, "", http.StatusBadRequest)
	case hops > limit:
		panic(http.ErrAbortHandler) // the packet with the answer does not live that long
	default:
		w.Header().Set(headerTTL, strconv.Itoa(seconds))
		_, _ = w.Write([]byte(s.sign(s.config.Clock.Now().Add(time.Duration(seconds) * time.Second))))
	}
}

// sign returns a token that is valid until a time.
func (s *Server) sign(until time.Time) string {
	end := binary.BigEndian.AppendUint64(nil, uint64(until.Unix()))
	return base64.RawURLEncoding.EncodeToString(append(end, s.mac("token", string(end))...))
}

// valid reports whether a token is the server's and is not over.
func (s *Server) valid(token string) bool {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(raw) != 8+32 || !hmac.Equal(raw[8:], s.mac("token", string(raw[:8]))) {
		return false
	}
	return s.config.Clock.Now().Unix() < int64(binary.BigEndian.Uint64(raw))
}

// value returns the value, or the list of names, that a path has.
func (s *Server) value(r *http.Request) (string, bool) {
	i := s.config.Instance
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/latest/")
	role := i.Role[strings.LastIndexByte(i.Role, '/')+1:]
	values := map[string]string{
		"meta-data/ami-id":                      i.ImageID,
		"meta-data/instance-id":                 i.ID,
		"meta-data/instance-type":               i.Type,
		"meta-data/local-ipv4":                  i.PrivateIPv4,
		"meta-data/placement/availability-zone": i.AvailabilityZone,
		"meta-data/placement/region":            i.Region,
		"meta-data/services/domain":             "amazonaws.com",
		"dynamic/instance-identity/document":    s.document(),
	}
	if role != "" && s.config.Keys != nil {
		values["meta-data/iam/security-credentials/"+role] = ""
		if name == "meta-data/iam/security-credentials/"+role {
			values[name] = s.roleKeys(r)
		}
	}
	if v, ok := values[name]; ok {
		return v, v != ""
	}
	return list(values, name)
}

// list returns the names below a path, one a line; those that have more below them end in a slash.
func list(values map[string]string, below string) (string, bool) {
	names := map[string]bool{}
	for name, v := range values { //order:any sorted below
		rest, ok := strings.CutPrefix(name, below+"/")
		if !ok || v == "" && !strings.Contains(name, "security-credentials/") {
			continue
		}
		first, _, more := strings.Cut(rest, "/")
		if more {
			first += "/"
		}
		names[first] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(names)), "\n"), len(names) > 0
}

// document is the instance identity document.
func (s *Server) document() string {
	i := s.config.Instance
	data, err := json.MarshalIndent(map[string]any{"accountId": i.Account, "architecture": "x86_64",
		"availabilityZone": i.AvailabilityZone, "imageId": i.ImageID, "instanceId": i.ID, "instanceType": i.Type,
		"privateIp": i.PrivateIPv4, "region": i.Region, "version": "2017-09-30"}, "", "  ")
	if err != nil {
		return ""
	}
	return string(data)
}

// roleKeys returns keys of the instance's role, in the form of instance metadata; "" if there are none.
func (s *Server) roleKeys(r *http.Request) string {
	c, err := s.config.Keys.AssumeRole(r.Context(), s.config.Instance.Role, "")
	if err != nil {
		return ""
	}
	return keysText(c, s.config.Clock.Now())
}

func keysText(c agentconfig.Credentials, now time.Time) string {
	data, err := json.MarshalIndent(map[string]any{"Code": "Success", "Type": "AWS-HMAC",
		"LastUpdated": now.UTC().Format(time.RFC3339), "AccessKeyId": c.AccessKeyID,
		"SecretAccessKey": c.SecretAccessKey, "Token": c.Token,
		"Expiration": c.Expiration.UTC().Format(time.RFC3339)}, "", "  ")
	if err != nil {
		return ""
	}
	return string(data)
}
