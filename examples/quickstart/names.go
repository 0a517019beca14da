package main

import "strings"

// names gives long IDs short names, in the order in which they are met.
type names struct {
	ids, shorts []string
	count       int
}

func (n *names) add(id, short string) {
	n.ids = append(n.ids, id)
	n.shorts = append(n.shorts, short)
	if strings.HasPrefix(short, "t") && short != "tg" {
		n.count++
	}
}

// tasks returns how many tasks have a name.
func (n *names) tasks() int { return n.count }

func (n *names) find(id string) (string, bool) {
	for i, known := range n.ids {
		if known == id {
			return n.shorts[i], true
		}
	}
	return "", false
}

// short returns the name of an ID, "" of one without.
func (n *names) short(id string) string {
	s, _ := n.find(id)
	return s
}

// replace writes names for the IDs in a text.
func (n *names) replace(text string) string {
	for i, id := range n.ids {
		text = strings.ReplaceAll(text, id, n.shorts[i])
	}
	return text
}
