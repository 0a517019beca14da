# The laws of the query language over many more draws.
set -eu
go test ./ecs/query -run 'TestLaws/Q[1-4]' -rapid.checks=6000
go test ./ecs/query -run 'TestLaws/Q5' -rapid.checks=1000
