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

func ask(t *testing.T) replay.Answer {
	t.Helper()
	data, err := os.ReadFile("testdata/policy.json")
	require.NoError(t, err)
	q, err := replay.ParseQuestion(data)
	require.NoError(t, err)
	data, err = os.ReadFile("testdata/load.csv")
	require.NoError(t, err)
	load, err := replay.ParseLoad(bytes.NewReader(data))
	require.NoError(t, err)
	a, err := replay.Ask(q, load)
	require.NoError(t, err)
	return a
}

// TestAnswer: the text, the CSV and the chart of the program's own files.
func TestAnswer(t *testing.T) {
	a := ask(t)
	for name, write := range map[string]func(io.Writer) error{"answer.txt": a.Text, "answer.csv": a.CSV,
		"answer.svg": a.Chart} { //order:any each alone
		var b bytes.Buffer
		require.NoError(t, write(&b))
		if *update {
			require.NoError(t, os.WriteFile("testdata/"+name, b.Bytes(), 0o600))
		}
		want, err := os.ReadFile("testdata/" + name)
		require.NoError(t, err)
		require.Equal(t, string(want), b.String(), name)
	}
	require.Equal(t, 3, a.Summary.Missing, "three lines of the load are left out")
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
		require.NoError(t, a.Chart(&b))
		require.Less(t, b.Len(), 200_000)
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
	_, err := replay.ParseQuestion([]byte(`{"MaxCapcity": 3}`))
	require.ErrorContains(t, err, "MaxCapcity")
	for _, policy := range []string{`{"PolicyName": "p"}`,
		`{"ServiceNamespace": "ecs", "ResourceId": "service/c/s", "ScalableDimension": "ecs:service:DesiredCount",
		"PolicyName": "p", "StepScalingPolicyConfiguration": {"AdjustmentType": "ExactCapacity", "StepAdjustments": [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}]}}`} {
		q, err := replay.ParseQuestion([]byte(fmt.Sprintf(`{"PerTask": 1, "Policies": [%s]}`, policy)))
		require.NoError(t, err)
		_, err = replay.Ask(q, cloudwatch.Series{})
		require.ErrorContains(t, err, "Policies[0]")
	}
}
