package cloudwatch

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// expressionParser descends as deep as parentheses nest, which the length of an expression bounds.
type expressionParser struct {
	src     string
	pos     int
	ids     []string
	repeats int
}

func (p *expressionParser) space() {
	for p.pos < len(p.src) && (p.src[p.pos] == ' ' || p.src[p.pos] == '\t') {
		p.pos++
	}
}

func (p *expressionParser) fail(expected string) error {
	if p.pos >= len(p.src) {
		return fmt.Errorf("the expression ends where %s is expected", expected)
	}
	return fmt.Errorf("offset %d: expected %s, got %q", p.pos, expected, p.src[p.pos:min(len(p.src), p.pos+12)])
}

// accept takes the first of the tokens that stands next, "" when none does.
func (p *expressionParser) accept(tokens ...string) string {
	p.space()
	for _, t := range tokens {
		if strings.HasPrefix(p.src[p.pos:], t) {
			p.pos += len(t)
			return t
		}
	}
	return ""
}

func (p *expressionParser) expect(token string) error {
	if p.accept(token) == "" {
		return p.fail(fmt.Sprintf("%q", token))
	}
	return nil
}

func (p *expressionParser) comparison() (node, error) {
	left, err := p.sum()
	if err != nil {
		return node{}, err
	}
	if op := p.accept("<=", ">=", "==", "!=", "<", ">"); op != "" {
		right, err := p.sum()
		return node{op: op, args: []node{left, right}}, err
	}
	return left, nil
}

func (p *expressionParser) sum() (node, error) {
	return p.chain(p.product, "+", "-")
}

func (p *expressionParser) product() (node, error) {
	return p.chain(p.power, "*", "/")
}

func (p *expressionParser) chain(operand func() (node, error), ops ...string) (node, error) {
	left, err := operand()
	for err == nil {
		op := p.accept(ops...)
		if op == "" {
			return left, nil
		}
		var right node
		right, err = operand()
		left = node{op: op, args: []node{left, right}}
	}
	return node{}, err
}

func (p *expressionParser) power() (node, error) {
	if p.accept("-") != "" {
		arg, err := p.power()
		return node{op: "neg", args: []node{arg}}, err
	}
	base, err := p.primary()
	if err != nil {
		return node{}, err
	}
	if p.accept("^") == "" {
		return base, nil
	}
	exponent, err := p.power()
	return node{op: "^", args: []node{base, exponent}}, err
}

func (p *expressionParser) primary() (node, error) {
	if p.accept("(") != "" {
		inner, err := p.comparison()
		if err != nil {
			return node{}, err
		}
		return inner, p.expect(")")
	}
	p.space()
	start := p.pos
	for p.pos < len(p.src) && isWord(p.src[p.pos]) {
		p.pos++
	}
	word := p.src[start:p.pos]
	switch {
	case word == "":
		return node{}, p.fail("a metric, a number or a function")
	case '0' <= word[0] && word[0] <= '9' || word[0] == '.':
		v, err := strconv.ParseFloat(word, 64)
		if err != nil || strings.Trim(word, "0123456789.") != "" {
			p.pos = start
			return node{}, p.fail("a number")
		}
		return node{op: "number", value: v}, nil
	case isQueryID(word):
		i := slices.Index(p.ids, word)
		if i < 0 {
			i = len(p.ids)
			p.ids = append(p.ids, word)
		}
		return node{op: "id", id: i}, nil
	}
	return p.call(word, start)
}

func isWord(c byte) bool {
	return c == '_' || c == '.' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func (p *expressionParser) call(name string, start int) (node, error) {
	open, shut := "(", ")"
	least, most := 1, 1
	switch name {
	case "ABS", "CEIL", "FLOOR":
	case "IF":
		least, most = 3, 3
	case "FILL":
		return p.fill()
	case "SUM", "AVG", "MIN", "MAX":
		open, shut, most = "([", "])", 100
	default:
		p.pos = start
		return node{}, p.fail("one of the functions ABS, AVG, CEIL, FILL, FLOOR, IF, MAX, MIN, SUM")
	}
	for _, c := range open {
		if err := p.expect(string(c)); err != nil {
			return node{}, err
		}
	}
	n := node{op: name}
	for {
		arg, err := p.comparison()
		if err != nil {
			return node{}, err
		}
		n.args = append(n.args, arg)
		if len(n.args) == most || (len(n.args) >= least && p.accept(",") == "") {
			break
		}
		if len(n.args) < least {
			if err := p.expect(","); err != nil {
				return node{}, err
			}
		}
	}
	for _, c := range shut {
		if err := p.expect(string(c)); err != nil {
			return node{}, err
		}
	}
	return n, nil
}

func (p *expressionParser) fill() (node, error) {
	if err := p.expect("("); err != nil {
		return node{}, err
	}
	arg, err := p.comparison()
	if err != nil {
		return node{}, err
	}
	if err := p.expect(","); err != nil {
		return node{}, err
	}
	if p.accept("REPEAT") != "" {
		p.repeats++
		return node{op: "REPEAT", args: []node{arg}, slot: p.repeats - 1}, p.expect(")")
	}
	with, err := p.comparison()
	if err != nil {
		return node{}, err
	}
	return node{op: "FILL", args: []node{arg, with}}, p.expect(")")
}
