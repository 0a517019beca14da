package targets

import "github.com/bayplan/bayplan/ecs"

// GroupName returns "tg" of "arn:aws:elasticloadbalancing:…:targetgroup/tg/0123456789abcdef".
func GroupName(arn string) string {
	if a, err := ecs.ParseARN(arn); err == nil {
		return a.ID()
	}
	rest := arn
	for i := 0; i < len(rest); i++ {
		if rest[i] == '/' {
			rest = rest[i+1:]
			break
		}
	}
	for i := range len(rest) {
		if rest[i] == '/' {
			return rest[:i]
		}
	}
	return rest
}
