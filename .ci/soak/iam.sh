# The laws of IAM policies over many more draws.
set -eu
SHARE=${SHARE:-100} # percent of the draws
RAPID=${RAPID-} # such as -rapid.seed=1
go test ./ecs/iam -run 'TestLaws' $RAPID -rapid.checks=$((4000 * SHARE / 100))
