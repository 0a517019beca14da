package markup_test

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/bayplan/bayplan/examples/markup"
)

// TestTextStaysText: whatever a text is, a reader of XML finds it again, as the text and the attribute of one
// element.
//
// Seen to fail: attributes not escaped; texts not escaped.
func TestTextStaysText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.StringOf(rapid.RuneFrom([]rune(`<>&"'=/-! aé`))),
			rapid.String()).Draw(t, "text")
		shown := strings.Map(func(r rune) rune {
			if unicode.IsControl(r) && r != '\n' && r != '\t' || r&0xfffe == 0xfffe {
				return utf8.RuneError
			}
			return r
		}, text)
		var m markup.Markup
		m.Open("p", "title", text+"x").Text(text).Leaf("b", text).Open("br")
		d := xml.NewDecoder(strings.NewReader(m.String()))
		said, elements := "", 0
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			require.NoError(t, err)
			switch x := token.(type) {
			case xml.StartElement:
				elements++
				for _, a := range x.Attr {
					require.Equal(t, shown+"x", a.Value)
				}
			case xml.CharData:
				said += string(x)
			}
		}
		require.Equal(t, shown+shown, said)
		require.Equal(t, 3, elements)
	})
}

// TestLines: each line keeps its text, and has a class by its indentation.
//
// Seen to fail: an indentation that is counted from the right.
func TestLines(t *testing.T) {
	var m markup.Markup
	m.Lines("a\n\n    b <i>\n" + strings.Repeat(" ", 99) + "c ")
	require.Equal(t, `<pre><span class="line">a
</span><span class="line">
</span><span class="line in2">    b &lt;i&gt;
</span><span class="line in6">`+strings.Repeat(" ", 99)+`c 
</span></pre>`, m.String())
}
