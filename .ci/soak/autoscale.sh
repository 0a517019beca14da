# The laws of scaling over many more draws, and schedules against every minute.
set -eu
SHARE=${SHARE:-100} # percent of the draws
RAPID=${RAPID-} # such as -rapid.seed=1
go test ./autoscale -run 'TestLaws/(A[1-57]|decisions|invalid|memory)' $RAPID -rapid.checks=$((30000 * SHARE / 100))
go test ./autoscale/internal/cron -run TestLaws/random $RAPID -rapid.checks=$((1500 * SHARE / 100))
go test ./autoscale/cloudwatch -run 'TestAlarmOracle|TestStatistics' $RAPID -rapid.checks=$((20000 * SHARE / 100))
go test ./autoscale/group -run 'TestScaleInBalance|TestGroupSettles' $RAPID -rapid.checks=$((20000 * SHARE / 100))
