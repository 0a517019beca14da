package document

import (
	"errors"
	"fmt"
	"strings"
)

// predefined are cron's names.
var predefined = map[string]string{"@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *",
	"@weekly": "0 0 * * 0", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *"}

// Cron writes five fields of cron, or one of its names, as the six of EventBridge, whose week begins with 1 and
// in which one of the two fields of days is a question mark.
func Cron(s string) (string, error) {
	if p, ok := predefined[strings.ToLower(strings.TrimSpace(s))]; ok {
		s = p
	}
	f := strings.Fields(s)
	if len(f) != 5 {
		return "", fmt.Errorf("%q is not a schedule: it has %d fields, not 5", s, len(f))
	}
	for _, x := range f {
		if strings.Trim(x, "0123456789*/,-?#ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") != "" {
			return "", fmt.Errorf("%q is not a field of a schedule", x)
		}
	}
	day, week := strings.Replace(f[2], "?", "*", 1), strings.Replace(f[4], "?", "*", 1)
	switch {
	case day != "*" && week != "*":
		return "", errors.New("it sets the day of the month and the day of the week, which EventBridge refuses")
	case week != "*":
		var err error
		if week, err = weekdays(week); err != nil {
			return "", err
		}
		day = "?"
	default:
		week = "?"
	}
	return fmt.Sprintf("cron(%s %s %s %s %s *)", f[0], f[1], day, f[3], week), nil
}

// weekdays raises the numbers of days by one; Sunday is 0 or 7 in cron.
func weekdays(s string) (string, error) {
	var b strings.Builder
	step := false
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9' && !step:
			if r > '7' {
				return "", fmt.Errorf("%c is not a day of the week", r)
			}
			b.WriteByte(byte('0' + int(r-'0')%7 + 1))
		default:
			step = r == '/' || step && r >= '0' && r <= '9'
			b.WriteRune(r)
		}
	}
	return b.String(), nil
}
