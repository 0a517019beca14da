# The laws of scaling over many more draws, and schedules against every minute.
set -eu
go test ./autoscale -run 'TestLaws/(A[1-57]|decisions|invalid|memory)' -rapid.checks=30000
go test ./autoscale -run 'TestLaws/A6.*/random' -rapid.checks=1500
go test ./autoscale -run 'TestAlarmOracle|TestStatistics|TestScaleInBalance|TestGroupSettles' -rapid.checks=20000
