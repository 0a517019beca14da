# The laws of IAM policies over many more draws.
set -eu
RAPID=${RAPID-} # such as -rapid.seed=1
go test ./ecs/iam -run 'TestLaws' $RAPID -rapid.checks=4000
