package check

import "strings"

// Role refuses a text that is not an IAM role: its short name or its ARN. "" is absent: deploy tools
// send it. Source: AWS Identity and Access Management API Reference, Role.
func (f *Faults) Role(path, role string) {
	if role == "" {
		return
	}
	name, account, arn := role, "", strings.HasPrefix(role, "arn:")
	if arn {
		parts := strings.SplitN(role, ":", 6)
		ok := len(parts) == 6 && parts[1] != "" && parts[2] == "iam"
		if ok {
			name, ok = strings.CutPrefix(parts[5], "role/")
		}
		if !ok {
			f.Refuse(path,
				"Invalid arn syntax. A role is its name, or an ARN such as arn:aws:iam::123456789012:role/NAME; "+
					"this is %q.", Shortened(role))
			return
		}
		account = parts[4]
	}
	switch {
	case arn && (len(account) != 12 || strings.Trim(account, "0123456789") != ""):
		f.Refuse(path, "Role is not valid. The account of its ARN is twelve digits; it is %q.", Shortened(account))
	case !isRoleName(name):
		f.Refuse(path,
			"Role is not valid. A role's name is letters, digits and _+=,.@-, after a path in an ARN; it is %q.",
			Shortened(name))
	}
}

// isRoleName checks the name of a role behind its path, if it has one.
func isRoleName(s string) bool {
	name := s[strings.LastIndexByte(s, '/')+1:]
	return name != "" && len(name) <= 64 && Only(name, "_+=,.@-") && Only(s, "_+=,.@-/")
}
