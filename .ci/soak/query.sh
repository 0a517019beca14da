# The laws of the query language over many more draws, and its fuzz targets.
set -eu
go test ./ecs/query -run 'TestLaws/Q[1-4]' -rapid.checks=10000
go test ./ecs/query -run 'TestLaws/Q5' -rapid.checks=1500
go test ./ecs/query -run '^$' -fuzz '^FuzzParse$' -fuzzminimizetime 1s -fuzztime 15s
go test ./ecs/query -run '^$' -fuzz '^FuzzGrammar$' -fuzzminimizetime 1s -fuzztime 10s
