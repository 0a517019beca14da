# Verdicts against exhaustive simulation over 100,000 distinct fleets, and the laws over many
# more draws. Prints how many deployments end, and why the others do not.
set -eu
SHARE=${SHARE:-100} # percent of the draws
RAPID=${RAPID-} # such as -rapid.seed=1
GOGC=400 go test ./ecs/feasible -run 'TestExhaustive' -feasible.cases=$((100000 * SHARE / 100)) -v
GOGC=400 go test ./ecs/feasible -run 'TestLaws|TestStages|TestDaemon' -skip FE11 $RAPID -rapid.checks=$((4000 * SHARE / 100))
GOGC=400 go test ./ecs/feasible -run TestLaws/FE11 $RAPID -rapid.checks=$((600 * SHARE / 100))
