package query

// An Op is the operator of a test. Every operator has two spellings in the
// language, a symbol and a word; both parse, and String prints the symbol.
type Op uint8

// The operators of the Amazon ECS Developer Guide, "Create expressions to
// define container instances for Amazon ECS tasks".
const (
	OpEquals           Op = iota + 1 // ==, equals
	OpNotEquals                      // !=, not_equals
	OpGreaterThan                    // >, greater_than
	OpGreaterThanEqual               // >=, greater_than_equal
	OpLessThan                       // <, less_than
	OpLessThanEqual                  // <=, less_than_equal
	OpExists                         // exists
	OpNotExists                      // !exists, not_exists
	OpIn                             // in
	OpNotIn                          // !in, not_in
	OpMatches                        // =~, matches
	OpNotMatches                     // !~, not_matches
)

var opSymbols = [...]string{
	OpEquals: "==", OpNotEquals: "!=",
	OpGreaterThan: ">", OpGreaterThanEqual: ">=", OpLessThan: "<", OpLessThanEqual: "<=",
	OpExists: "exists", OpNotExists: "!exists",
	OpIn: "in", OpNotIn: "!in",
	OpMatches: "=~", OpNotMatches: "!~",
}

var opWords = [...]string{
	OpEquals: "equals", OpNotEquals: "not_equals",
	OpGreaterThan: "greater_than", OpGreaterThanEqual: "greater_than_equal",
	OpLessThan: "less_than", OpLessThanEqual: "less_than_equal",
	OpExists: "exists", OpNotExists: "not_exists",
	OpIn: "in", OpNotIn: "not_in",
	OpMatches: "matches", OpNotMatches: "not_matches",
}

// String returns the canonical spelling: the symbol, or the word where there is
// no symbol. It is empty for a value that is not an operator.
func (o Op) String() string {
	if int(o) >= len(opSymbols) {
		return ""
	}
	return opSymbols[o]
}

// opOf returns the operator with the spelling s, or 0.
func opOf(s string) Op {
	for o := OpEquals; o <= OpNotMatches; o++ {
		if opSymbols[o] == s || opWords[o] == s {
			return o
		}
	}
	return 0
}

// negation returns the operator that asks the opposite of o, or 0 for none.
func (o Op) negation() Op {
	switch o {
	case OpEquals:
		return OpNotEquals
	case OpExists:
		return OpNotExists
	case OpIn:
		return OpNotIn
	case OpMatches:
		return OpNotMatches
	}
	return 0
}

// A class says how the values of a subject are read and compared.
type class uint8

const (
	classText    class = iota // attribute:NAME
	classID                   // ec2InstanceId
	classBoolean              // agentConnected
	classVersion              // agentVersion
	classTime                 // registeredAt
	classCount                // runningTasksCount
	classGroup                // task:group
)

// allows reports whether subjects of class c are listed with operator o.
func (c class) allows(o Op) bool {
	switch c {
	case classText:
		return true
	case classVersion, classTime, classCount:
		return o >= OpEquals && o <= OpLessThanEqual
	case classGroup:
		return o < OpGreaterThan || o > OpLessThanEqual
	default: // classID, classBoolean
		return o < OpGreaterThan || o > OpNotExists
	}
}

// free reports whether subjects of class c are compared with any text.
func (c class) free() bool { return c == classText || c == classID || c == classGroup }

// attributePrefix begins the subject of every test on an attribute.
const attributePrefix = "attribute:"

// classOf returns the class of a fixed subject, and false for any other word.
func classOf(subject string) (class, bool) {
	switch subject {
	case "agentConnected":
		return classBoolean, true
	case "agentVersion":
		return classVersion, true
	case "ec2InstanceId":
		return classID, true
	case "registeredAt":
		return classTime, true
	case "runningTasksCount":
		return classCount, true
	case "task:group":
		return classGroup, true
	}
	return classText, false
}
