package engine

import (
	"fmt"
	"regexp"
)

// blame is a field of a container definition, and what the engine says when it cannot honour it.
type blame struct {
	field string
	says  *regexp.Regexp
}

// blames are looked through from the first to the last.
func blames() []blame {
	of := func(field, pattern string) blame { return blame{field, regexp.MustCompile(`(?i)` + pattern)} }
	return []blame{
		of("image", `no such image|manifest .*not found|repository .*not found|pull access denied`),
		of("user", `unable to find (user|group)|invalid user`),
		of("portMappings",
			`port is already allocated|address already in use.*|failed programming external connectivity`),
		of("memory", `minimum memory limit|memory limit should be|minimum memory reservation`),
		of("cpu", `range of cpus|cpu shares`),
		of("linuxParameters.capabilities", `invalid cap(add|drop)|unknown capabilit|unable to apply caps`),
		of("logConfiguration", `logging (plugin|driver)|log opt|log driver`),
		of("systemControls", `sysctl`),
		of("resourceRequirements", `device driver|unknown runtime`),
		of("linuxParameters.devices", `gathering device information|custom device`),
		of("linuxParameters.swappiness", `swappiness`),
		of("ulimits", `rlimit|ulimit`),
		of("dockerSecurityOptions", `apparmor|seccomp|selinux|security-opt|security opt`),
		of("workingDirectory", `working directory|chdir to cwd`),
		of("extraHosts", `add-host|extra host`),
		of("hostname", `hostname`),
		of("links", `link`),
		of("volumesFrom", `volumes-from|volumes from`),
		of("mountPoints", `mount|volume|read-only file system`),
		of("entryPoint", `exec: |exec format error|no command specified|executable file not found|`+
			`permission denied`),
	}
}

// explained is the engine's error with the field that it is about, if that can be told.
func explained(err error) error {
	if err == nil {
		return nil
	}
	for _, b := range blames() {
		if b.says.MatchString(err.Error()) {
			return fmt.Errorf("%s: %w", b.field, err)
		}
	}
	return err
}
