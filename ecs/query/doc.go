// Package query reads the cluster query language of Amazon ECS: the language of
// memberOf placement constraints and of the filter of ListContainerInstances.
//
// # Start here
//
// A program that filters container instances calls [Parse] once for an expression
// and [Expr.Match] for each instance; a match takes well under a microsecond and
// allocates nothing. A program that only checks what a user typed calls [Parse] and
// prints the error, which points into the text.
//
// # Model
//
// A test has a subject, an operator and mostly a value:
//
//	attribute:ecs.instance-type =~ g2.*
//
// Tests are joined by "and", "or" and "not" (or &&, || and !). "not" binds
// closest, then "and", then "or"; parentheses group. Each operator has a symbol,
// a word, or both. [Grammar] is the whole language.
//
//	subject            values compared as                    operators
//	agentConnected     true or false                         == != in !in =~ !~
//	agentVersion       numbers between dots: 1.9.0 < 1.14.5  == != > >= < <=
//	attribute:NAME     text; order by number if both are     all
//	ec2InstanceId      text                                  == != in !in =~ !~
//	registeredAt       instants                              == != > >= < <=
//	runningTasksCount  whole numbers                         == != > >= < <=
//	task:group         texts, one for each task              == != in !in =~ !~ exists !exists
//
// A container instance is any value that implements [Subject]. A test holds when
// at least one value of its subject passes it. Therefore a container instance
// without an attribute fails every test of the attribute, negative tests included,
// except !exists. "not(…)" is plain negation:
//
//	attribute:stack != prod          has a stack, and it is another one
//	not(attribute:stack == prod)     has another stack, or none
//	task:group != web                runs a task of another group
//	not(task:group == web)           runs no task of this group
//
// [Expr.Subjects] and [Expr.Dynamic] return what an expression reads, so that a
// scheduler can group instances with the same result. [Expr.Conjuncts],
// [Expr.Negation] and [Expr.Comparison] return the parts of an expression, so that
// an index can answer them without a match.
//
// # Guarantees
//
//  1. The canonical text of an expression parses to the same expression.
//     (TestLaws/Q1_text_is_expression)
//  2. Every text that the published grammar produces parses. (TestLaws/Q2_grammar_parses)
//  3. Match equals a truth table over the tests, and each test equals a naive
//     evaluation. (TestLaws/Q3_match_is_truth_table, TestLaws/Q3_all_assignments)
//  4. De Morgan's laws hold, double negation cancels, and an expression holds
//     when all its conjuncts do. (TestLaws/Q4_de_morgan, TestLaws/Q4_conjuncts)
//  5. No text makes Parse panic; every error points into the text; parsing takes
//     time linear in the length of the text, and matching in the length of the value.
//     (TestLaws/Q5_no_input_panics, FuzzParse, TestLinear of internal/steps)
//  6. Match allocates nothing. (TestMatchDoesNotAllocate)
//  7. The same text always gets the same message. (TestDiagnostics)
//
// Each has been seen to fail: .ci/faults/query.sh plants a fault for every one.
//
// # Differences from ECS
//
// The Amazon ECS Developer Guide, "Create expressions to define container
// instances for Amazon ECS tasks", leaves the following open. The package chooses:
//
//   - Precedence is the usual one; the guide only has parentheses.
//   - Patterns are RE2's, not Java's, so that no pattern can stall a scheduler.
//     Constructs that Java has and RE2 lacks (look-around, back-references,
//     possessive quantifiers, nested classes and others) are refused, also where
//     RE2 reads the text with another meaning. So is a brace that Java refuses.
//     All patterns of an expression together may compile to 2,000 states.
//     A pattern matches the whole value.
//   - Operators that the guide does not list for a subject are refused. The guide
//     has no list for attributes and task:group. Here attributes take every operator,
//     and task:group takes every operator except the four of order.
//   - != of an absent attribute does not hold, as the guide says. Here !in and !~
//     of one do not hold either. An attribute without a value exists, and passes no
//     other test. != of task:group asks for a task of another group.
//   - The operators of order compare attributes by number, exactly, when both sides
//     are decimal numbers, and otherwise byte by byte. == and != compare text.
//   - In versions, missing numbers are zero: 1.14 equals 1.14.0. A version that
//     is not made of numbers passes no test.
//   - A time without a zone is UTC, and a date is its midnight.
//   - Keywords, subjects and names are case-sensitive; true and false are not.
//   - Values without quotes are made of printable ASCII characters other than
//     ! " & ' ( ) , < = > [ ] | ~. Quotes are single or double, without escapes.
//   - The guide has no parentheses inside a test. Here a pattern without quotes may
//     have pairs of them: (t2|t3).* needs no quotes. The canonical text has quotes.
//
// # Example
//
// See the examples of [Parse] and [Expr.Match].
package query
