package bayplan_test

import (
	_ "github.com/stretchr/testify/require"
	_ "golang.org/x/exp/ebnf"
	_ "golang.org/x/exp/stats"
	_ "pgregory.net/rapid"
)
