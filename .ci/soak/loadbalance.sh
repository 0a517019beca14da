# The laws of ports, targets and traffic over many more histories than a plain test run takes.
set -eu
go test ./loadbalance -run 'TestLaws/(B1|refusal)' -rapid.checks=5000
go test ./loadbalance -run 'TestLaws/(B2|B3|B4)|TestWildcards|TestTrafficPlan' -rapid.checks=50000
go test ./loadbalance -run 'TestLaws/(B5|restore)' -rapid.checks=2000
go test ./loadbalance -run 'TestHistories$' -histories=20
