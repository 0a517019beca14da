package crew

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"
)

// Screen shows lines that stay and, on a terminal, lines that live below them.
type Screen struct {
	out   io.Writer
	lives bool

	mu    sync.Mutex
	drawn int // lines that the next drawing replaces
	act   string
	since time.Time
}

// NewScreen returns a screen that writes to out.
func NewScreen(out io.Writer) *Screen { return &Screen{out: out, lives: terminal(out)} }

// terminal reports whether a person watches.
func terminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" || os.Getenv("TERM") == "" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Lives reports whether there is a terminal, on which Live draws.
func (s *Screen) Lives() bool { return s.lives }

// Line prints a line that stays.
func (s *Screen) Line(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	fmt.Fprintf(s.out, format+"\n", args...)
}

// clear removes what lives.
func (s *Screen) clear() {
	if s.drawn > 0 {
		fmt.Fprintf(s.out, "\x1b[%dA\x1b[J", s.drawn)
		s.drawn = 0
	}
}

// Begin names the act that plays.
func (s *Screen) Begin(act string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.act, s.since = act, time.Now()
}

// Act returns the lines that say which act plays, and for how long.
func (s *Screen) Act() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return []string{"", fmt.Sprintf("  %s, %.0f s", s.act, time.Since(s.since).Seconds())}
}

// Live draws what picture returns four times a second until the context ends, and returns when nothing lives any more:
// at once without a terminal.
func (s *Screen) Live(ctx context.Context, picture func() []string) {
	for s.lives && Sleep(ctx, 250*time.Millisecond) == nil {
		s.draw(picture())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
}

func (s *Screen) draw(lines []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clear()
	fmt.Fprint(s.out, strings.Join(lines, "\n")+"\n")
	s.drawn = len(lines)
}
