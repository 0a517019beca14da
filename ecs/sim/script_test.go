package sim_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/ecs/sim"
	"github.com/bayplan/bayplan/internal/script"
)

// Each fault of a script is told with its line and column.
func TestScriptErrors(t *testing.T) {
	for text, want := range map[string]string{
		"dance":                          "1:1: dance is not a command",
		"# x\n\n  drain":                 "3:3: drain needs 1 more word",
		"drain i1 i2":                    `1:10: drain does not take "i2"`,
		"at soon drain i1":               `1:4: "soon" is not a time since the start, such as 90s or 5m`,
		"at 5m":                          "1:1: at needs a time and a command",
		"Dance {}":                       "1:1: Dance is not a request",
		"RunTask":                        "1:1: RunTask needs its input as JSON or as @file",
		"RunTask web {}":                 "1:9: RunTask takes its input as JSON or as @file",
		"drain i1 {}":                    "1:10: drain takes no JSON",
		"RunTask {\"a\": 1,\n  \"b\": }": "2:8: JSON: invalid character '}' looking for beginning of value",
		"RunTask {} {}":                  `1:11: JSON: "{}" follows the JSON`,
		"drain i9":                       "1:7: there is no instance i9",
		"instances 1\nreboot i1 softly":  `2:11: reboot does not take "softly"`,
		"kill t1":                        "1:6: there is no task t1 yet",
		"run":                            "1:1: run needs 1 more word",
		"run until=dinner":               `1:5: run does not take "until=dinner"`,
		"load web much":                  `1:10: "much" is not a load, such as 1200/min`,
		"RunTask @none.json":             "1:9: open none.json: no such file or directory",
		"instances x":                    `1:11: "x" is not a number of instances`,
		"instances 1 type=z9.huge":       "1:1: there is no instance type z9.huge",
		"image é pull=3s colour=red":     `1:17: image does not take "colour=red"`,
		"image a health=sick":            `1:9: image does not take "health=sick"`,
		"image a target=draining":        `1:9: image does not take "target=draining"`,
		"image a code=256":               `1:9: image does not take "code=256"`,
		"image a requests=-1":            `1:9: image does not take "requests=-1"`,
		"faults loss=2":                  `1:8: faults does not take "loss=2"`,
		"instances 1\nseed 4":            "2:1: the seed comes before everything else",
		"update web from=2":              `1:12: update does not take "from=2"`,
		"alarm high BAD":                 `1:12: "BAD" is not a state of an alarm: OK, ALARM or INSUFFICIENT_DATA`,
		"Tick {}":                        "1:1: Tick is not a request",
		"codedeploy:Dance {}":            "1:1: codedeploy:Dance is not a request",
		"codedeploy:CreateApplication":   "1:1: codedeploy:CreateApplication needs its input as JSON or as @file",
		"CreateService {\"serviceName\": \"web\",\n  " +
			"\"desiredCout\": 2}": `2:3: JSON: json: unknown field "desiredCout"`,
		"CreateService {\"serviceName\": \"web\",\n  \"desiredCount\": \"two\"}": "2:3: JSON: json: cannot unmarshal " +
			"string into Go struct field CreateServiceInput.desiredCount of type int",
	} {
		s, err := sim.ParseScript([]byte(text))
		if err == nil {
			s.Files = os.DirFS("testdata")
			_, err = s.Run(sim.New(sim.Config{}))
		}
		var fault *sim.ScriptError
		require.True(t, errors.As(err, &fault), "%q: %v", text, err)
		require.Equal(t, want, err.Error(), "%q", text)
	}
}

func FuzzParseScript(f *testing.F) {
	paths, err := filepath.Glob("testdata/*.txt")
	require.NoError(f, err)
	for _, path := range paths {
		for _, c := range script.Cases(f, path) {
			f.Add([]byte(c.Commands))
		}
	}
	f.Add([]byte("\""))
	f.Add([]byte("at 3s RunTask {\"a\":[\n]} \nimage a=\"b c\" x"))
	f.Fuzz(func(t *testing.T, src []byte) {
		s, err := sim.ParseScript(src)
		if err != nil {
			var fault *sim.ScriptError
			require.True(t, errors.As(err, &fault))
			require.Positive(t, fault.Line)
			require.Positive(t, fault.Column)
			return
		}
		again, err := sim.ParseScript(src)
		require.NoError(t, err)
		require.Equal(t, s, again)
	})
}
