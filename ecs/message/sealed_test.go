package message

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestKinds sees that each row of the two closed sets reads the type that it names, and that what
// is written is read again as the same value.
//
// Seen to fail: a row that reads another type.
func TestKinds(t *testing.T) {
	for _, k := range commands {
		c, err := k.read([]byte(`{"key":{"op":"` + k.name + `","target":"t","epoch":7}}`))
		require.NoError(t, err, k.name)
		require.Equal(t, k.name, reflect.TypeOf(c).Name())
		require.Equal(t, reflect.TypeOf(c), reflect.TypeOf(k.empty))
		require.Equal(t, Key{Op: k.name, Target: "t", Epoch: 7}, c.Key())
		data, err := json.Marshal(SealedCommand{c})
		require.NoError(t, err)
		var back SealedCommand
		require.NoError(t, json.Unmarshal(data, &back))
		require.Equal(t, c, back.Command)
	}
	for _, k := range events {
		e, err := k.read([]byte(`{}`))
		require.NoError(t, err, k.name)
		require.Equal(t, k.name, reflect.TypeOf(e).Name())
		require.Equal(t, e, k.empty)
		require.Equal(t, k.name, e.eventName())
		data, err := json.Marshal(SealedEvent{e})
		require.NoError(t, err)
		var back SealedEvent
		require.NoError(t, json.Unmarshal(data, &back))
		require.Equal(t, e, back.Event)
	}
}

// TestEveryKindHasARow sees that each type with the method of a set has its row there.
//
// Seen to fail: a row that is missing.
func TestEveryKindHasARow(t *testing.T) {
	rows := map[string][]string{}
	for _, k := range commands {
		rows["isCommand"] = append(rows["isCommand"], k.name)
	}
	for _, k := range events {
		rows["eventName"] = append(rows["eventName"], k.name)
	}
	declared := map[string][]string{}
	for _, name := range []string{"command.go", "event.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		require.NoError(t, err)
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && rows[f.Name.Name] != nil {
				declared[f.Name.Name] = append(declared[f.Name.Name], f.Recv.List[0].Type.(*ast.Ident).Name)
			}
		}
	}
	require.ElementsMatch(t, rows["isCommand"], declared["isCommand"])
	require.ElementsMatch(t, rows["eventName"], declared["eventName"])
}

// TestUnknownKinds sees that a name that is not in the set is an error that names it.
func TestUnknownKinds(t *testing.T) {
	var c SealedCommand
	require.ErrorContains(t, json.Unmarshal([]byte(`{"type":"Reboot","value":{}}`), &c), `unknown command "Reboot"`)
	var e SealedEvent
	require.ErrorContains(t, json.Unmarshal([]byte(`{"type":"Reboot","value":{}}`), &e), `unknown event "Reboot"`)
	require.Error(t, json.Unmarshal([]byte(`{"type":"StartTask","value":3}`), &c))
	require.Error(t, json.Unmarshal([]byte(`[]`), &e))
}
