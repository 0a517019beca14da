package check

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func gathered(f *Faults) (all []string) {
	for _, o := range f.Pairs() {
		all = append(all, o[0]+": "+o[1])
	}
	return all
}

func TestPath(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{Path("a", "b", 2, "c"), "a.b[2].c"},
		{Path(0, "key"), "[0].key"},
		{Path("options", "x.y"), `options["x.y"]`},
		{Path("options", ""), `options[""]`},
		{Path(), ""},
		{Under("dockerLabels", "com.example"), `dockerLabels["com.example"]`},
		{Under("dockerLabels", "plain-1_"), "dockerLabels.plain-1_"},
		{Index("Metrics", 3), "Metrics[3]"},
		{Join("a", "b"), "a.b"}, {Join("", "b"), "b"}, {Join("a", ""), "a"}, {Join("a", "[0].b"), "a[0].b"},
		{LastKey("a.b[2].c[3]"), "c"}, {LastKey("family"), "family"},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

// Seen to fail without the test of the length in Refuse, and in Nest.
func TestManyFaults(t *testing.T) {
	var f, outer Faults
	for i := range 2 * Most {
		f.Refuse(Index("list", i), "wrong")
	}
	if n := len(gathered(&f)); n != Most {
		t.Errorf("%d faults are kept, want %d", n, Most)
	}
	outer.Refuse("first", "wrong")
	outer.Nest("member", f.Pairs())
	if all := gathered(&outer); len(all) != Most || all[1] != "member.list[0]: wrong" {
		t.Errorf("%d faults are kept, the second %s", len(all), all[1])
	}
}

// Seen to fail with the arguments as they are.
func TestLongArguments(t *testing.T) {
	var f Faults
	args := []any{strings.Repeat("é", 1<<20), 7}
	f.Refuse("name", "it is %q, %d", args...)
	got := gathered(&f)[0]
	if len(got) > 600 || !strings.HasSuffix(got, `…", 7`) || strings.Contains(got, `\x`) {
		t.Errorf("the sentence is %q", got)
	}
	if len(args[0].(string)) != 2<<20 {
		t.Error("the caller's arguments changed")
	}
	if got := Shortened(strings.Repeat("a", 65)); got != strings.Repeat("a", 64)+"…" {
		t.Errorf("shortened to %q", got)
	}
	if got := Cut("aé", 2); got != "a…" {
		t.Errorf("cut to %q", got)
	}
}

type colour string

func colours() []colour { return []colour{"RED", "BLUE"} }

func choose(c colour) Choice { return Choose(c, slices.Contains(colours(), c), colours) }

func TestRules(t *testing.T) {
	var good Faults
	good.Between("n", 3, 3, 3)
	good.AtMost("list", 2, 2)
	good.Name("name", strings.Repeat("a", 255))
	good.OneOf("colour", choose("RED"))
	good.OneOf("colour", choose(""))
	good.TagText("key", "Straße +-=._:/@ 1")
	if !good.None() {
		t.Errorf("good values are refused: %v", gathered(&good))
	}
	var f Faults
	f.Between("a.n", 4, 1, 3)
	f.AtMost("a.list", 3, 2)
	f.Name("a[0].name", "")
	f.Name("a[1].name", "b c")
	f.OneOf("colour", choose("GREEN"))
	f.TagText("key", "Aws:x")
	f.TagText("key", "a\x00b*")
	want := []string{
		"a.n: n must be between 1 and 3; it is 4.",
		"a.list: list can have at most 2 items; it has 3.",
		"a[0].name: name should not be null or empty.",
		`a[1].name: name can have up to 255 letters (uppercase and lowercase), numbers, underscores, and hyphens; it is "b c".`,
		`colour: colour must be one of RED, BLUE; it is "GREEN".`,
		`key: The prefix aws: is reserved, in any letter case; this text is "Aws:x".`,
		`key: A tag can contain letters, digits, spaces and + - = . _ : / @; this one contains '\x00'.`,
	}
	if got := gathered(&f); !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestPortRange(t *testing.T) {
	for _, text := range []string{"", "80", "80-", "-80", "80-80", "81-80", "0-80", "80-65536",
		"80-90-100", "+80-90", " 80-90"} {
		if first, last, ok := PortRange(text); ok {
			t.Errorf("%q is read as %d to %d", text, first, last)
		}
	}
	if first, last, ok := PortRange("1-65535"); !ok || first != 1 || last != 65535 {
		t.Errorf("1-65535 is read as %d to %d, %v", first, last, ok)
	}
}

func TestTexts(t *testing.T) {
	for _, c := range []struct {
		what      string
		got, want bool
	}{
		{"empty name", IsName(""), false},
		{"name of 256", IsName(strings.Repeat("a", 256)), false},
		{"name with é", IsName("é"), false},
		{"hex", IsHex("09af", 4), true},
		{"hex in upper case", IsHex("09AF", 4), false},
		{"hex too short", IsHex("09a", 4), false},
		{"only", Only("aZ9./", "./"), true},
		{"only without", Only("a.", "/"), false},
		{"a backtick is not a letter", Only("`", ""), false},
		{"a bracket is not a letter", Only("[", ""), false},
		{"finite", IsFinite(-math.MaxFloat64), true},
		{"NaN", IsFinite(math.NaN()), false},
		{"infinite", IsFinite(math.Inf(-1)), false},
	} {
		if c.got != c.want {
			t.Errorf("%s: %v", c.what, c.got)
		}
	}
}
