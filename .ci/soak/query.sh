# The laws of the query language over many more draws, and its fuzz targets.
set -eu
go test ./ecs/query -run 'TestLaws' -rapid.checks=20000
go test ./ecs/query -run '^$' -fuzz '^FuzzParse$' -fuzztime 20s
go test ./ecs/query -run '^$' -fuzz '^FuzzGrammar$' -fuzztime 10s
