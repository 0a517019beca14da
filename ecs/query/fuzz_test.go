package query

import (
	"testing"

	"pgregory.net/rapid"
)

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"attribute:ecs.instance-type =~ g2.* and attribute:ecs.availability-zone != us-east-1d",
		"not(task:group == database)", "agentVersion<1.14.5||runningTasksCount==0",
		"registeredAt < 2018-06-18T22:28:28+00:00",
		"ec2InstanceId in ['i-abcd1234', \"i-wxyx7890\"]", "attribute:gpu !exists && !(agentConnected == true)",
		"attribute:x =~ '(?=a)'", "attribute:x !~ [a-z]{3}|b", "attribute:x =~ \\Qa", "((", "attribute:x == '",
		"attribute:\u00a0", "\xff",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) { checkAnyText(t, src) })
}

// FuzzGrammar makes sentences of the grammar from the fuzzer's bytes.
func FuzzGrammar(f *testing.F) {
	g := grammar(f)
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) {
		checkAnyText(t, sentences(g).Draw(t, "sentence"))
	}))
}
