# The laws of ports, targets and traffic over many more histories than a plain test run takes.
set -eu
SHARE=${SHARE:-100} # percent of the draws
RAPID=${RAPID-} # such as -rapid.seed=1
go test ./loadbalance -run 'TestLaws/(B1|refusal)' $RAPID -rapid.checks=$((5000 * SHARE / 100))
go test ./loadbalance -run 'TestLaws/(B2|B3|B4)|TestWildcards|TestShift' $RAPID -rapid.checks=$((50000 * SHARE / 100))
go test ./loadbalance -run 'TestLaws/(B5|restore)' $RAPID -rapid.checks=$((2000 * SHARE / 100))
go test ./loadbalance -run 'TestHistories$' -histories=20
