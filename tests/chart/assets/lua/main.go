// Runs a health check of Argo CD, as Argo CD does: a Lua script that sees an object as `obj` and returns a table.
//
// Reads {"script", "object"} from standard input and writes the table's texts as a JSON object.
package main

import (
	"encoding/json"
	"log"
	"os"

	lua "github.com/yuin/gopher-lua"
)

type input struct {
	Script string `json:"script"`
	Object any    `json:"object"`
}

func main() {
	log.SetFlags(0)
	var asked input
	check(json.NewDecoder(os.Stdin).Decode(&asked))
	state := lua.NewState()
	defer state.Close()
	state.SetGlobal("obj", value(state, asked.Object))
	check(state.DoString(asked.Script))
	answer := map[string]string{}
	if table, isTable := state.Get(-1).(*lua.LTable); isTable {
		table.ForEach(func(key, item lua.LValue) { answer[key.String()] = item.String() })
	}
	check(json.NewEncoder(os.Stdout).Encode(answer))
}

func value(state *lua.LState, from any) lua.LValue {
	switch known := from.(type) {
	case string:
		return lua.LString(known)
	case float64:
		return lua.LNumber(known)
	case bool:
		return lua.LBool(known)
	case []any:
		table := state.NewTable()
		for _, item := range known {
			table.Append(value(state, item))
		}
		return table
	case map[string]any:
		table := state.NewTable()
		for key, item := range known {
			table.RawSetString(key, value(state, item))
		}
		return table
	}
	return lua.LNil
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
