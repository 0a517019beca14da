# The laws of the query language over many more draws.
set -eu
SHARE=${SHARE:-100} # percent of the draws
RAPID=${RAPID-} # such as -rapid.seed=1
go test ./ecs/query -run 'TestLaws/Q[1-4]' $RAPID -rapid.checks=$((6000 * SHARE / 100))
go test ./ecs/query -run 'TestLaws/Q5' $RAPID -rapid.checks=$((1000 * SHARE / 100))
