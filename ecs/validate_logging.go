package ecs

import (
	"maps"
	"slices"
	"strings"

	"github.com/bayplan/bayplan/internal/check"
)

// logging checks where a container's output goes. Source: Amazon ECS API Reference,
// LogConfiguration; Amazon ECS Developer Guide, "Send Amazon ECS logs to CloudWatch".
func (v *checker) logging(path string, c *ContainerDefinition) {
	v.router(path+".firelensConfiguration", c.FirelensConfiguration)
	l := c.LogConfiguration
	if l == nil {
		return
	}
	path += ".logConfiguration"
	if v.Present(path+".logDriver", string(l.LogDriver)) {
		v.OneOf(path+".logDriver", choose(l.LogDriver))
	}
	for j, s := range l.SecretOptions {
		v.secret(path+".secretOptions"+check.Path(j), s)
	}
	switch l.LogDriver {
	case LogDriverAwslogs:
		v.awslogs(path, l)
	case LogDriverAwsfirelens:
		if !v.routed() {
			v.Refuse(path+".logDriver",
				"When awsfirelens log driver is specified in log configuration, a firelens configuration object must "+
					"be configured in one of the containers.")
		}
	}
}

// awslogs checks the options that the driver cannot do without.
func (v *checker) awslogs(path string, l *LogConfiguration) {
	var missing []string
	for _, name := range []string{"awslogs-group", "awslogs-region"} {
		if l.Options[name] == "" && !secretOption(l, name) {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		v.Refuse(path+".options", "Log driver awslogs requires options: %s", strings.Join(missing, ", "))
	}
	if create, ok := l.Options["awslogs-create-group"]; ok && !strings.EqualFold(create, "true") {
		v.Refuse(path+".options.awslogs-create-group",
			"Log driver awslogs option 'awslogs-create-group' should only be set to 'true', else omit option; "+
				"it is %q.", check.Shortened(create))
	}
	for _, name := range slices.Sorted(maps.Keys(l.Options)) {
		if !isAwslogsOption(name) {
			v.Refuse(check.Under(path+".options", name), "Log driver awslogs disallows options: %s",
				check.Shortened(name))
		}
	}
}

// isAwslogsOption reports whether the driver may have an option: its own, those of every
// driver, and those that Docker gives it, which AWS does not list but may take.
func isAwslogsOption(name string) bool {
	switch name {
	case "mode", "max-buffer-size", "tag", "labels", "labels-regex", "env", "env-regex":
		return true
	}
	return strings.HasPrefix(name, "awslogs-")
}

func secretOption(l *LogConfiguration, name string) bool {
	for _, s := range l.SecretOptions {
		if s.Name == name {
			return true
		}
	}
	return false
}

// routed reports whether a container of the task is a log router.
func (v *checker) routed() bool {
	for i := range v.d.ContainerDefinitions {
		if v.d.ContainerDefinitions[i].FirelensConfiguration != nil {
			return true
		}
	}
	return false
}

// router checks a log router. Source: Amazon ECS API Reference, FirelensConfiguration.
func (v *checker) router(path string, f *FirelensConfiguration) {
	if f == nil {
		return
	}
	if v.Present(path+".type", string(f.Type)) {
		v.OneOf(path+".type", choose(f.Type))
	}
	kind, ok := f.Options["config-file-type"]
	if ok && kind != "s3" && kind != "file" {
		v.Refuse(path+".options.config-file-type", "config-file-type must be one of s3, file; it is %q.",
			check.Shortened(kind))
	}
	if ok && f.Options["config-file-value"] == "" {
		v.Refuse(path+".options", "config-file-type needs a config-file-value.")
	}
}
