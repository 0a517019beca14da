package ecs

import "github.com/bayplan/bayplan/internal/check"

// TaskID is the last part of a task's ARN: 32 lower-case hexadecimal digits.
type TaskID string

// InstanceID is the last part of a container instance's ARN, 32 lower-case hexadecimal digits. It is not
// the EC2 instance ID, though models may use that.
type InstanceID string

// Valid reports whether the ID has 32 lower-case hexadecimal digits, or is a UUID with hyphens, the form
// of before 2021.
func (id TaskID) Valid() bool { return isID(string(id)) }

// Valid reports whether the ID has 32 lower-case hexadecimal digits, or is a UUID with hyphens, the form
// of before 2021.
func (id InstanceID) Valid() bool { return isID(string(id)) }

func isID(s string) bool {
	if len(s) == 36 {
		for _, i := range []int{8, 13, 18, 23} {
			if s[i] != '-' {
				return false
			}
		}
		s = s[:8] + s[9:13] + s[14:18] + s[19:23] + s[24:]
	}
	return check.IsHex(s, 32)
}
