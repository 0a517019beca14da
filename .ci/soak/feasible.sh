# Verdicts against exhaustive simulation over 100,000 distinct fleets, and the laws over many
# more draws. Prints how many deployments end, and why the others do not.
set -eu
RAPID=${RAPID-} # such as -rapid.seed=1
GOGC=400 go test ./ecs/feasible -run 'TestExhaustive' -feasible.cases=100000 -v
GOGC=400 go test ./ecs/feasible -run 'TestLaws|TestStages|TestDaemon' -skip FE11 $RAPID -rapid.checks=4000
GOGC=400 go test ./ecs/feasible -run TestLaws/FE11 $RAPID -rapid.checks=600
