#!/bin/bash
# Breaks the IAM policies at least once for each of their laws: every planted fault must be found.
set -eu -o pipefail
. .ci/faults/plant

law() { plant ecs/iam "$@"; }

law TestLaws/I1 condition.go 's/return c.ifExists || c.qualifier == forAllValues || c.qualifier == "" \&\& c.negated/return c.ifExists || c.qualifier == forAllValues/'
law TestLaws/I1 condition.go 's/c.ifExists || c.qualifier == forAllValues ||/c.qualifier == forAllValues ||/'
law TestLaws/I1 condition.go 's/every := c.qualifier == forAllValues || .*/every := c.qualifier == forAllValues/'
law TestLaws/I1 policy.go 's/^\t\t\treturn !s.resources.not/\t\t\treturn true/'
law TestLaws/I1 pattern.go 's/case len(values) == 1:/case len(values) >= 1:/'
law TestLaws/I1 pattern.go 's/if inside == "\*" || inside == "?" || inside == "\$" {/if inside == "$" {/'
law TestLaws/I2 evaluate.go 's/if s.effect == Allow \&\& one.Decision == ExplicitDeny ||/if/'
law TestLaws/I3 evaluate.go 's/if s.effect == Allow \&\& one.Decision == ExplicitDeny ||/if/'
law TestLaws/I4 pattern.go 's/_, size := utf8.DecodeRuneInString(s\[n:\])/size := min(1, len(s)-n); _ = utf8.RuneError/'
law TestLaws/I4 pattern.go 's/return part.suffix(s)/n, ok = part.prefix(s); return ok \&\& n == len(s)/'
law TestLaws/I5 evaluate.go 's/name := strings.ToLower(key)/name := key/'
law TestLaws/I6 explain.go 's/one.Resource, one.Decision)/one.Resource, result.Decision)/'
law TestVectors parse.go 's/r.dialect.variables = version == version2012/r.dialect.variables = true/'
law TestVectors evaluate.go 's/if i == 0 || rank(one.Decision) > rank(result.Decision) {/if i == 0 {/'
law TestOperators condition.go 's/d, e = decimal{whole: e.whole, fraction: e.fraction}, .*/d.negative = true/'
law TestOperators condition.go 's/with.prefix.Contains(ip.Unmap())/with.prefix.Contains(ip)/'
law TestRequestRefused evaluate.go 's/resource.Context.check(\&f, check.Under(at, "Context"))/_ = at/'
law TestFaults parse.go 's/case twice:/case false \&\& twice:/'
law TestFaults parse.go 's/if s.sid != "" \&\& sids\[s.sid\] {/if false {/'
law TestWholeFaults parse.go 's/if !unicode.IsSpace(r) {/if unicode.IsPrint(r) {/'
law TestLint$ lint.go 's/if a.all || a.match(Context{}, .*{/if a.all {/'
law TestActions actions.go 's/key = strings.ToLower(key)/_ = key/'
law TestLintTaskDefinition lint.go 's/l.words("entryPoint", c.EntryPoint)//'
law TestActions actions.go 's/{"Poll StartTelemetrySession"/{"Poll StopTask"/'
