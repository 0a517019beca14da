package replay_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/autoscale"
	"github.com/bayplan/bayplan/autoscale/cloudwatch"
	"github.com/bayplan/bayplan/examples/whatif/replay"
)

var update = flag.Bool("update", false, "write testdata")

func ask(t *testing.T, files ...string) []replay.Answer {
	t.Helper()
	var policies [][]byte
	for _, name := range files {
		data, err := os.ReadFile("testdata/" + name)
		require.NoError(t, err)
		policies = append(policies, data)
	}
	load, err := os.ReadFile("testdata/load.csv")
	require.NoError(t, err)
	answers, err := replay.Answers(policies, load)
	require.NoError(t, err)
	return answers
}

// TestAnswer: the text, the CSV and the chart of the program's own files; and of two policies, side by side.
func TestAnswer(t *testing.T) {
	one, two := ask(t, "policy.json"), ask(t, "policy.json", "steps.json")
	for _, c := range []struct {
		name    string
		write   func(io.Writer, ...replay.Answer) error
		answers []replay.Answer
	}{{"answer.txt", replay.Text, one}, {"answer.csv", replay.CSV, one}, {"answer.svg", replay.Chart, one},
		{"compared.txt", replay.Text, two}, {"compared.svg", replay.Chart, two}} {
		var b bytes.Buffer
		require.NoError(t, c.write(&b, c.answers...))
		if *update {
			require.NoError(t, os.WriteFile("testdata/"+c.name, b.Bytes(), 0o600))
		}
		want, err := os.ReadFile("testdata/" + c.name)
		require.NoError(t, err)
		require.Equal(t, string(want), b.String(), c.name)
	}
	require.Equal(t, 3, one[0].Summary.Missing, "three lines of the load are left out")
	require.Equal(t, one[0].Summary, two[0].Summary, "no answer changes another")
	var both bytes.Buffer
	require.NoError(t, replay.CSV(&both, two...))
	require.Equal(t, 1+2*len(one[0].Periods), bytes.Count(both.Bytes(), []byte("\n")))
}

// TestChartStandsInItsFrame: the chart is XML, whatever the load and the policies are.
func TestChartStandsInItsFrame(t *testing.T) {
	long := cloudwatch.Series{Period: 60}
	for i := range 5000 {
		long.Datapoints = append(long.Datapoints, cloudwatch.Datapoint{Value: float64(i%700) * 1e5, Missing: i%50 == 0})
	}
	missing := cloudwatch.Series{Period: 60, Datapoints: []cloudwatch.Datapoint{{Missing: true}, {Missing: true}}}
	for _, load := range []cloudwatch.Series{{}, missing, long} {
		a, err := replay.Ask(replay.Question{Bounds: autoscale.Bounds{MaxCapacity: 5}, Desired: 1, PerTask: 1e6}, load)
		require.NoError(t, err)
		var b bytes.Buffer
		require.NoError(t, replay.Chart(&b, a, a))
		require.Less(t, b.Len(), 400_000)
		require.NotContains(t, b.String(), "NaN")
		d := xml.NewDecoder(&b)
		for {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else {
				require.NoError(t, err)
			}
		}
	}
}

// TestRefusals: what the two files may not be.
func TestRefusals(t *testing.T) {
	for text, message := range map[string]string{ //order:any each alone
		"":                                    "two lines",
		"time,load\n2026-01-01T00:00:00Z,1\n": "two lines",
		"2026-01-01T00:00:00Z,1\nlater,2\n":   "line 2",
		"2026-01-01T00:00:00Z,1\n2026-01-01T00:00:00Z,2\n":                         "not a period",
		"2026-01-01T00:00:00Z,1\n2026-01-01T00:01:00Z,2\n2026-01-01T00:02:30Z,3\n": "is not the next step of 60 s",
		"2026-01-01T00:00:00Z,1\n2026-01-01T00:01:00Z,2\n2226-01-01T00:00:00Z,3\n": "is not the next step of 60 s",
		"2026-01-01T00:00:00Z,1\n2026-01-01T00:01:00Z,many\n":                      "line 2",
		"2026-01-01T00:00:00Z,1,2\n":                                               "wrong number of fields",
	} {
		_, err := replay.ParseLoad(strings.NewReader(text))
		require.ErrorContains(t, err, message, text)
	}
	_, err := replay.Answers([][]byte{bytes.Repeat([]byte("{}"), 5), bytes.Repeat([]byte("{}"), 4)}, []byte("x"))
	require.ErrorContains(t, err, "at most 8 can be compared, not 9")
	_, err = replay.ParseQuestions(bytes.Repeat([]byte("{}"), 1e6))
	require.ErrorContains(t, err, "at most 8")
	_, err = replay.ParseQuestions(nil)
	require.ErrorContains(t, err, "policies: EOF")
	_, err = replay.ParseQuestions([]byte(`{"MaxCapcity": 3}`))
	require.ErrorContains(t, err, "MaxCapcity")
	for _, policy := range []string{`{"PolicyName": "p"}`,
		`{"ServiceNamespace": "ecs", "ResourceId": "service/c/s", "ScalableDimension": "ecs:service:DesiredCount",
		"PolicyName": "p", "StepScalingPolicyConfiguration": {"AdjustmentType": "ExactCapacity", "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}]}}`} {
		q, err := replay.ParseQuestions(fmt.Appendf(nil, `{"PerTask": 1, "Policies": [%s]}`, policy))
		require.NoError(t, err)
		_, err = replay.Ask(q[0], cloudwatch.Series{})
		require.ErrorContains(t, err, "Policies[0]")
	}
}

// A mark before the first line is no part of it.
//
// Seen to fail: a first line that is taken for a heading.
func TestByteOrderMark(t *testing.T) {
	load, err := replay.ParseLoad(strings.NewReader("\ufeff2026-01-01T00:00:00Z,1\n2026-01-01T00:01:00Z,2\n"))
	require.NoError(t, err)
	require.Len(t, load.Datapoints, 2)
}
