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
			fmt.Fprintf(&b, "//\t    %v --> %v: %s\n", Status(from), m.to, label(m.need.words(), m.not.words()))
		}
	}
	b.WriteString("//\n// and of a container, where an answer's name stands for the event and what else is said must hold:\n//\n//\tstateDiagram-v2\n")
	for from := range ContainerStatus(numContainerStatuses) {
		for _, m := range r.containerMoves[from] {
			fmt.Fprintf(&b, "//\t    %v --> %v: %s\n", from, m.to, label(m.need.words(), m.not.words()))
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

func label(need, not []string) string {
	for i := range not {
		not[i] = "not " + not[i]
	}
	words := append(need, not...)
	if len(words) == 0 {
		return "at once"
	}
	return strings.Join(words, ", ")
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
