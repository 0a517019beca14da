package query

// Grammar is the form of the language in EBNF, in the notation of
// golang.org/x/exp/ebnf: productions with a capital letter let blanks (space,
// tab, line feed, carriage return) stand between their parts, and need one where
// two words would run together; those with a small letter do not.
//
// Every text that the productions make parses, with three exceptions: as values, the words and, or
// and not need quotes; an attribute name has at most 128 characters; and the whole text has at most
// [MaxLength]. The parser accepts a little more than the productions make: as a pattern, any
// regular expression that RE2 and Java read alike, with at most 2,000 states for all patterns of
// the expression together; 29 February in a leap year; and true and false in any case. A pattern
// without quotes ends at a blank, at a parenthesis that closes none of its own groups, at "&&" or
// at "||". Brackets, commas, single bars and closed groups do not end it.
const Grammar = `
Expression  = And { ( "or" | "||" ) And } .
And         = Not { ( "and" | "&&" ) Not } .
Not         = { "not" | "!" } Primary .
Primary     = Test | "(" Expression ")" .
Test        = Attribute | TaskGroup | InstanceID | Connected | Version | Registered | Running .

Attribute   = attribute ( Equality | Order value | Presence | Membership | Match ) .
TaskGroup   = "task:group" ( Equality | Presence | Membership | Match ) .
InstanceID  = "ec2InstanceId" ( Equality | Membership | Match ) .
Connected   = "agentConnected" ( Equals boolean | In "[" boolean { "," boolean } "]" | Match ) .
Version     = "agentVersion" ( Equals | Order ) version .
Registered  = "registeredAt" ( Equals | Order ) time .
Running     = "runningTasksCount" ( Equals | Order ) count .

Equality    = Equals value .
Equals      = "==" | "equals" | "!=" | "not_equals" .
Order       = ">" | "greater_than" | ">=" | "greater_than_equal" | "<" | "less_than" | "<=" | "less_than_equal" .
Presence    = "exists" | "!exists" | "not_exists" .
Membership  = In "[" value { "," value } "]" .
In          = "in" | "!in" | "not_in" .
Match       = ( "=~" | "matches" | "!~" | "not_matches" ) pattern .

attribute   = "attribute:" name_char { name_char } .
name_char   = letter | digit | "-" | "_" | "/" | "\\" | "." .
letter      = "a" … "z" | "A" … "Z" .
digit       = "0" … "9" .

value       = bare { bare } | "'" single { single } "'" | "\"" double { double } "\"" .
bare        = "#" … "%" | "*" … "+" | "-" … ";" | "?" … "Z" | "\\" | "^" … "{" | "}" .
single      = " " … "&" | "(" … "~" | beyond .
double      = " " | "!" | "#" … "~" | beyond .
beyond      = "\u00a0" … "\ud7ff" | "\ue000" … "\U0010ffff" .

boolean     = truth | "'" truth "'" | "\"" truth "\"" .
truth       = "true" | "false" .
version     = numbers | "'" numbers "'" | "\"" numbers "\"" .
numbers     = digits { "." digits } .
count       = digits | "'" digits "'" | "\"" digits "\"" .
digits      = digit { digit } .

time        = moment | "'" moment "'" | "\"" moment "\"" .
moment      = date [ "T" hour ":" sixty ":" sixty [ "Z" | ( "+" | "-" ) hour ":" sixty ] ] .
date        = digit digit digit digit "-" day .
day         = month "-" day28 | month30 "-" ( "29" | "30" ) | month31 "-31" .
month       = month30 | "02" .
month30     = month31 | "04" | "06" | "09" | "11" .
month31     = "01" | "03" | "05" | "07" | "08" | "10" | "12" .
day28       = "0" "1" … "9" | "1" digit | "2" "0" … "8" .
hour        = ( "0" | "1" ) digit | "2" "0" … "3" .
sixty       = "0" … "5" digit .

pattern     = branch { "|" branch } | "'" regexp "'" | "\"" regexp "\"" .
branch      = part { part } .
part        = atom [ repeat ] | ( "(" | "(?:" | "(?i:" ) branch { "|" branch } ")" [ "*" | "+" | "?" ] .
atom        = letter | digit | "-" | "_" | "/" | ":" | "." | escape | class .
escape      = "\\" ( "." | "*" | "d" | "D" | "s" | "S" | "w" | "W" ) .
class       = "[" [ "^" ] range { range } "]" .
range       = letter | digit | "a-z" | "A-Z" | "0-9" | "." | "_" .
repeat      = ( "*" | "+" | "?" ) [ "?" ] | "{" "1" … "9" [ "," ] "}" .
regexp      = term { "|" term } .
term        = piece { piece } .
piece       = atom [ repeat ] | " " | "," | ( "(" | "(?:" | "(?i:" ) regexp ")" [ "*" | "+" | "?" ] .
`
