package agentconfig

import (
	"strings"

	"github.com/bayplan/bayplan/internal/check"
)

// userData takes the agent's settings out of an instance's user data: a shell script, the
// MIME parts and cloud-config documents around one, or a PowerShell script. It knows as much of the shell as such
// scripts use: quotes, several commands a line, here-documents and variables that the script
// itself has set.
type userData struct {
	settings  map[string]string
	variables map[string]string
	replaced  int    // bytes that variables have become
	end       string // of the here-document that is open, or ""
	ours      bool   // it goes to ecs.config
	literal   bool   // its variables stand as they are written
}

// maxReplaced bounds what variables become in all: one made of itself twice, again and again,
// would fill any memory. User data has 16 KiB at most.
const maxReplaced = 1 << 20

// isUserData reports whether a text is user data rather than the configuration itself.
func isUserData(text string) bool {
	text = strings.TrimSpace(text)
	for _, start := range []string{"#!", "#cloud-config", "Content-Type:", "MIME-Version:", "--", "<powershell>"} {
		if strings.HasPrefix(text, start) {
			return true
		}
	}
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), "#") && strings.Contains(line, "ecs.config") {
			return true // a command that writes it
		}
	}
	return false
}

// line reads one line.
func (u *userData) line(line string) {
	if u.end != "" {
		u.document(line)
		return
	}
	line = strings.TrimPrefix(strings.TrimSpace(line), "- ") // an item of cloud-config's runcmd
	if command, word, ok := strings.Cut(line, "<<"); ok && !strings.HasPrefix(word, "<") {
		u.open(command, strings.TrimLeft(word, "- "))
		return
	}
	if u.powershell(line) {
		return
	}
	for line != "" {
		var text, target string
		text, target, line = u.command(line)
		u.run(text, strings.Contains(target, "ecs.config"))
	}
}

// open begins a here-document: its end is the word that follows, quoted or not.
func (u *userData) open(command, word string) {
	end := word
	if i := strings.IndexAny(word, " \t>|;"); i >= 0 {
		end = word[:i]
	}
	u.end = strings.Trim(end, `'"`)
	u.literal = u.end != end
	u.ours = strings.Contains(command+word, "ecs.config")
}

// document reads a line of a here-document.
func (u *userData) document(line string) {
	switch line = strings.TrimSpace(line); {
	case line == u.end:
		u.end = ""
	case u.ours:
		if key, value, ok := assignment(line); ok {
			if value = unquoted(value); !u.literal {
				value = u.expanded(value)
			}
			u.settings[key] = value
		}
	}
}

// run carries out a command: echo to ecs.config, or an assignment. A variable of the shell
// that is called as a setting is taken for one.
func (u *userData) run(text string, ours bool) {
	text = strings.TrimPrefix(strings.TrimSpace(text), "sudo ")
	for _, print := range []string{"echo ", "printf "} {
		if rest, ok := strings.CutPrefix(text, print); ok {
			rest = strings.TrimPrefix(strings.TrimPrefix(strings.TrimSpace(rest), "-e "), "-n ")
			for line := range strings.SplitSeq(rest, `\n`) {
				if key, value, ok := assignment(line); ok && ours {
					u.settings[key] = value
				}
			}
			return
		}
	}
	if key, value, ok := assignment(strings.TrimPrefix(text, "export ")); ok {
		u.variables[key] = value
		if strings.HasPrefix(key, "ECS_") {
			u.settings[key] = value
		}
	}
}

// powershell reads the two ways in which user data configures the agent on Windows. Source:
// Amazon ECS Developer Guide, "Launching an Amazon ECS Windows container instance".
func (u *userData) powershell(line string) bool {
	if _, arguments, ok := strings.Cut(line, "::SetEnvironmentVariable("); ok {
		arguments, _, _ = strings.Cut(arguments, ")")
		list := strings.Split(arguments, ",")
		if key := unquoted(strings.TrimSpace(list[0])); len(list) >= 2 && strings.HasPrefix(key, "ECS_") {
			list = list[1:max(2, len(list)-1)] // the last says for whom
			u.settings[key] = unquoted(strings.TrimSpace(strings.Join(list, ",")))
		}
		return true
	}
	arguments, ok := strings.CutPrefix(line, "Initialize-ECSAgent")
	for arguments = strings.TrimSpace(arguments); ok && arguments != ""; {
		var flag, value string
		flag, arguments = word(arguments)
		if !strings.HasPrefix(arguments, "-") {
			value, arguments = word(arguments)
		}
		switch flag {
		case "-Cluster":
			u.settings["ECS_CLUSTER"] = value
		case "-LoggingDrivers":
			u.settings["ECS_AVAILABLE_LOGGING_DRIVERS"] = value
		case "-EnableTaskIAMRole":
			u.settings["ECS_ENABLE_TASK_IAM_ROLE"] = "true"
		case "-EnableTaskENI":
			u.settings["ECS_ENABLE_TASK_ENI"] = "true"
		case "-AwsvpcBlockIMDS":
			u.settings["ECS_AWSVPC_BLOCK_IMDS"] = "true"
		}
	}
	return ok
}

// word takes the first word off s, without its quotes.
func word(s string) (first, rest string) {
	end := strings.IndexByte(s, ' ')
	if s != "" && (s[0] == '\'' || s[0] == '"') {
		if end = strings.IndexByte(s[1:], s[0]); end >= 0 {
			end += 2
		}
	}
	if end < 0 {
		end = len(s)
	}
	return unquoted(s[:end]), strings.TrimSpace(s[end:])
}

// command takes the first command off a line: its text as the shell reads it, and where its
// output goes.
func (u *userData) command(line string) (text, target, rest string) {
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case c == quote:
			quote = 0
		case c == '\\' && quote != '\'' && i+1 < len(line) && (quote == 0 || strings.IndexByte(`"\$`, line[i+1]) >= 0):
			i++
			b.WriteByte(line[i])
		case c == '$' && quote != '\'':
			value, n := u.variable(line[i:])
			b.WriteString(value)
			i += n - 1
		case quote == 0 && (c == ';' || c == '&'):
			return b.String(), "", strings.TrimLeft(line[i+1:], "&; ")
		case quote == 0 && (c == '>' || c == '|'):
			end := strings.IndexAny(line[i:], ";&")
			if end < 0 {
				return b.String(), line[i:], ""
			}
			return b.String(), line[i : i+end], strings.TrimLeft(line[i+end:], "&; ")
		case quote == 0 && c == '#' && (i == 0 || line[i-1] == ' '):
			return b.String(), "", ""
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), "", ""
}

// expanded replaces the variables that the script has set.
func (u *userData) expanded(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '$' {
			b.WriteByte(s[i])
			continue
		}
		value, n := u.variable(s[i:])
		b.WriteString(value)
		i += n - 1
	}
	return b.String()
}

// variable reads $NAME or ${NAME} at the beginning of s: its value, or itself where nothing
// has set it, and its length.
func (u *userData) variable(s string) (value string, n int) {
	name := s[1:]
	braced := strings.HasPrefix(name, "{")
	if braced {
		name, _, _ = strings.Cut(name[1:], "}")
	} else {
		end := 0
		for end < len(name) && (check.IsName(name[end:end+1]) && name[end] != '-') {
			end++
		}
		name = name[:end]
	}
	n = 1 + len(name)
	if braced {
		n = min(n+2, len(s))
	}
	v, ok := u.variables[name]
	if u.replaced += len(v); !ok || u.replaced > maxReplaced {
		return s[:n], n
	}
	return v, n
}

// assignment splits KEY=VALUE.
func assignment(s string) (key, value string, ok bool) {
	key, value, ok = strings.Cut(strings.TrimSpace(s), "=")
	if !ok || key == "" || strings.Trim(key, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
		return "", "", false
	}
	return key, strings.TrimSpace(value), true
}
