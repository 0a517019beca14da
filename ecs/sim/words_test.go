package sim

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/ecs/message"
)

// A line is split at blanks, but not within quotes; a body begins at a brace that begins a word.
//
// Seen to fail: blanks in quotes split; a brace within a word taken for a body.
func TestWords(t *testing.T) {
	for line, want := range map[string][]word{
		"run 10m":                        {{"run", 1}, {"10m", 5}},
		"\t drain   i1 ":                 {{"drain", 3}, {"i1", 11}},
		`image a pull-error="not found"`: {{"image", 1}, {"a", 7}, {"pull-error=not found", 9}},
		`image "a b" x`:                  {{"image", 1}, {"a b", 7}, {"x", 13}},
		`image ""`:                       {{"image", 1}, {`""`, 7}},
		`RunTask {"a": "b c"}`:           {{"RunTask", 1}, {"{", 9}},
		"kill é{1}":                      {{"kill", 1}, {"é{1}", 6}},
		"ü {":                            {{"ü", 1}, {"{", 3}},
		"":                               nil,
	} {
		require.Equal(t, want, words(line), "%q", line)
	}
}

// Whatever blanks stand between words, they are the same words, each at its column.
//
// Seen to fail: columns counted in bytes.
func TestColumns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line, column := "", 1
		var want []word
		for _, text := range rapid.SliceOfN(rapid.StringMatching(`[a-zé=,.0-9]{1,5}`), 0, 5).Draw(t, "words") {
			blank := rapid.SampledFrom([]string{" ", "  ", "\t", " \t "}).Draw(t, "blank")
			line += blank + text
			column += len(blank)
			want = append(want, word{text, column})
			column += len([]rune(text))
		}
		require.Equal(t, want, words(line))
	})
}

// Numbers, rates and times of options are what they say, and nothing else is taken.
//
// Seen to fail: a negative time, or a rate above 1, taken.
func TestOptionValues(t *testing.T) {
	var d time.Duration
	var n int
	var f float64
	for text, want := range map[string][3]bool{ // a time, a number, a rate
		"0": {true, true, true}, "1": {false, true, true}, "0.5": {false, false, true}, "1.5": {false, false, false},
		"-1": {false, true, false},
		"3s": {true, false, false}, "-3s": {false, false, false}, "1h30m": {true, false, false},
		"NaN": {false, false, false}, "": {false, false, false},
		"99999999999999999999": {false, false, false},
	} {
		require.Equal(t, want, [3]bool{duration(&d, text), number(&n, text), rate(&f, text)}, "%q", text)
	}
}

// Each command of a script does what it says to the world: one line each, in a world of its own.
//
// Seen to fail: activate that drains; an option of image left out.
func TestCommandsOfAScript(t *testing.T) {
	const before = "instances 2 type=t3.small zone=a,b\n" +
		`RegisterTaskDefinition {"family": "web", "containerDefinitions": [{"name": "c", "image": "c", "memory": 64}]}` +
		"\n" + `CreateService {"serviceName": "web", "taskDefinition": "web", "desiredCount": 2}` +
		"\nrun until=steady\n"
	for line, holds := range map[string]func(w *World) bool{
		"run 10m":      func(w *World) bool { return w.Elapsed() > 10*time.Minute },
		"at 1h run 0s": func(w *World) bool { return w.Elapsed() == time.Hour },
		"image c exit=5s code=3 stop=2s start=1m requests=7 stubborn private target=unhealthy " +
			"health=unhealthy": func(w *World) bool {
			return w.config.Images["c"] == Behaviour{StartDelay: time.Minute, ExitAfter: 5 * time.Second, ExitCode: 3,
				StopDelay:         2 * time.Second,
				RequestsPerMinute: 7, IgnoreSIGTERM: true, Private: true,
				TargetHealth: "unhealthy", Health: "UNHEALTHY"}
		},
		"faults loss=0.1 repeat=0.2 delay=0.3 fail=0.4": func(w *World) bool {
			return w.config.Faults == Faults{Loss: 0.1, Repeat: 0.2, Delay: 0.3, Fail: 0.4, MaxDelay: 20 * time.Second}
		},
		"hook arn:f FAILED": func(w *World) bool { return w.hooks["arn:f"] == "FAILED" },
		"load web 300/min":  func(w *World) bool { return w.loads[service{"default", "web"}] == 300 },
		"terminate i1":      func(w *World) bool { return w.gone() == 1 },
		"terminate zone=b":  func(w *World) bool { return w.gone() == 1 },
		"terminate zone=c":  func(w *World) bool { return w.gone() == 0 },
		"crash":             func(w *World) bool { return w.Met().Crashes == 1 },
		"kill t1\nrun 30s": func(w *World) bool {
			return w.changed("STOPPED") == 1 && w.changed("RUNNING") == 3
		},
		"stop t2\nrun 30s": func(w *World) bool {
			return w.changed("STOPPED") == 1 && w.changed("RUNNING") == 3
		},
		"update web to=3\nrun 30s":      func(w *World) bool { return w.changed("RUNNING") == 3 },
		"update web to=0\nrun 1m":       func(w *World) bool { return w.changed("STOPPED") == 2 },
		"drain i1\nrun until=steady":    func(w *World) bool { return w.changed("DRAINING") == 1 },
		"drain i1\nactivate i1\nrun 1s": func(w *World) bool { return w.changed("ACTIVE") == 3 },
		"spot i1\nrun 1s":               func(w *World) bool { return w.changed("DRAINING") == 1 },
		"disconnect i1\nrun 1s\nupdate web to=4\nrun 30s": func(w *World) bool {
			return len(w.agents) == 2 && w.changed("RUNNING") == 4
		},
		"reboot i1\nrun 5m": func(w *World) bool { return w.changed("STOPPED") == 1 && w.changed("RUNNING") == 3 },
	} {
		t.Run(line, func(t *testing.T) {
			s, err := ParseScript([]byte(before + line))
			require.NoError(t, err)
			w := New(Config{})
			timeline, err := s.Run(w)
			require.NoError(t, err)
			require.True(t, holds(w), "%s", timeline)
		})
	}
}

// gone counts the agents whose instances have ended.
func (w *World) gone() (n int) {
	for _, a := range w.agents { //order:any counted
		if a.gone {
			n++
		}
	}
	return n
}

// changed counts the changes to a status.
func (w *World) changed(status string) (n int) {
	for c := range w.Changes() {
		if c.Status == status && c.Kind != message.ChangeTarget {
			n++
		}
	}
	return n
}
