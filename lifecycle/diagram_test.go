package lifecycle

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/internal/script"
)

// diagrams prints the tables as Mermaid state diagrams.
func diagrams(r *rules) string {
	var b strings.Builder
	b.WriteString("//\tstateDiagram-v2\n")
	for from, row := range r.moves {
		for _, m := range row {
			fmt.Fprintf(&b, "//\t    %v --> %v: %s\n", Status(from), m.to, label(m.need, m.not, taskWords()))
		}
	}
	b.WriteString(
		"//\n// The moves of a container. A capitalized name is the event that causes the move; every other word\n// " +
			"is a condition that must hold:\n//\n//\tstateDiagram-v2\n")
	for from := range ContainerStatus(numContainerStatuses) {
		for _, m := range r.containerMoves[from] {
			fmt.Fprintf(&b, "//\t    %v --> %v: %s\n", from, m.to, label(m.need, 0, containerWords()))
		}
		for k, a := range r.answers {
			kind := EventKind(k) + EventPullStarted
			if a.here[from] == acts && a.to != from && kind != EventPullStarted {
				fmt.Fprintf(&b, "//\t    %v --> %v: %v\n", from, a.to, kind)
			}
		}
	}
	b.WriteString("//\t    RUNNING --> RESTARTING: ContainerExited and the restart policy restarts it\n")
	return b.String()
}

// taskWords has for each condition of a task the words for it and for its opposite.
func taskWords() [][2]string {
	return [][2]string{{"stop wanted", "wanted"}, {"placed, attached", ""}, {"a pull began", "pulls not shown"},
		{"containers run", ""}, {"something to activate", "nothing to activate"}, {"registered", ""},
		{"in target groups", "in no target group"}, {"containers live", "no container lives"},
		{"something attached", "nothing attached"}, {"an hour passed", ""}}
}

func containerWords() [][2]string {
	return [][2]string{{"stop wanted"}, {"may pull"}, {"dependencies met"}, {"a dependency broken"},
		{"no dependent runs"}, {"stopTimeout passed"}}
}

func label[C ~uint16 | ~uint32](need, not C, words [][2]string) string {
	var list []string
	for side, c := range [2]C{need, not} {
		for i, w := range words {
			if c&(1<<i) != 0 {
				list = append(list, w[side])
			}
		}
	}
	return strings.Join(list, ", ")
}

const (
	diagramsBegin = "// # Diagrams\n//\n// The moves of a task, drawn from the table that makes them:\n//\n"
	diagramsEnd   = "//\n// # Guarantees\n"
)

// TestDiagrams: the package documentation shows the tables as they are. -update redraws them.
func TestDiagrams(t *testing.T) {
	data, err := os.ReadFile("doc.go")
	require.NoError(t, err)
	head, rest, found := strings.Cut(string(data), diagramsBegin)
	require.True(t, found)
	drawn, tail, found := strings.Cut(rest, diagramsEnd)
	require.True(t, found)
	want := diagrams(&standard)
	if script.Updating() {
		require.NoError(t, os.WriteFile("doc.go", []byte(head+diagramsBegin+want+diagramsEnd+tail), 0o644))
		return
	}
	require.Equal(t, want, drawn)
}
