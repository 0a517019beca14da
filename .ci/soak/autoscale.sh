# The laws of scaling over many more draws, schedules against every minute, and the fuzz targets.
set -eu
go test ./autoscale -run 'TestLaws/(A[1-57]|decisions|invalid|memory)' -rapid.checks=30000
go test ./autoscale -run 'TestLaws/A6.*/random' -rapid.checks=1500
go test ./autoscale -run 'TestAlarmOracle|TestStatistics|TestScaleInBalance|TestGroupSettles' -rapid.checks=20000
go test ./autoscale -run '^$' -fuzz '^FuzzParseSchedule$' -fuzzminimizetime 1s -fuzztime 15s
go test ./autoscale -run '^$' -fuzz '^FuzzParseExpression$' -fuzzminimizetime 1s -fuzztime 10s
