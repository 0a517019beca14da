# The laws of the wire protocols of localecs over many more draws.
set -eu
SHARE=${SHARE:-100} # percent of the draws
RAPID=${RAPID-} # such as -rapid.seed=1
go test ./examples/localecs/front/query ./examples/localecs/front/cbor -run 'TestLaws' $RAPID -rapid.checks=$((1000 * SHARE / 100))
