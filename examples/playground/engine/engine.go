// Package engine answers what the page of the playground asks. It gives what the program whatif prints for the same
// documents, byte for byte, and the same as markup.
package engine

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/bayplan/bayplan/examples/markup"
	"github.com/bayplan/bayplan/examples/whatif/answer"
	"github.com/bayplan/bayplan/examples/whatif/replay"
)

// Question is the documents that were pasted, each as its text; "" is one that there is not.
type Question struct {
	Kind       string `json:"kind"` // "deploy" or "replay"
	Definition string `json:"definition,omitzero"`
	Running    string `json:"running,omitzero"`
	Instances  string `json:"instances,omitzero"`
	Tasks      string `json:"tasks,omitzero"`
	Service    string `json:"service,omitzero"`
	Count      int    `json:"count,omitzero"` // 0: that of whatif, 6
	Seed       uint64 `json:"seed,omitzero"`  // 0: that of whatif, 1
	Policies   string `json:"policies,omitzero"`
	Load       string `json:"load,omitzero"`
}

// Reply is the answer: what whatif prints, and its markup.
type Reply struct {
	Text   string `json:"text"`            // on its output
	Error  string `json:"error,omitzero"`  // on its error output, without the line feed
	Markup string `json:"markup,omitzero"` // for a page that has Style
}

// mostBytes is how large all documents together may be: those of a cluster of thousands of instances are smaller.
const mostBytes = 32 << 20

// Ask answers a question in JSON. It calls early, unless that is nil, with a part of the markup that comes before
// what takes time: the verdict on a deployment, which is not simulated yet.
func Ask(question []byte, early func(Reply)) Reply {
	if len(question) > mostBytes {
		return Reply{Error: fmt.Sprintf("the documents have %d MiB together, and at most %d are read",
			len(question)>>20, mostBytes>>20)}
	}
	q := Question{}
	if err := json.Unmarshal(question, &q); err != nil {
		return Reply{Error: "the question cannot be read: " + err.Error()}
	}
	switch q.Kind {
	case "deploy":
		return q.deploy(early)
	case "replay":
		return q.replay()
	}
	return Reply{Error: fmt.Sprintf("kind %q is neither deploy nor replay", q.Kind)}
}

func (q Question) deploy(early func(Reply)) Reply {
	if strings.TrimSpace(q.Definition) == "" {
		return Reply{Error: "there is no task definition: paste one, as register-task-definition takes it"}
	}
	if q.Count == 0 {
		q.Count = 6
	}
	if q.Seed == 0 {
		q.Seed = 1
	}
	asked := answer.Question{Definition: []byte(q.Definition), Running: []byte(q.Running),
		Instances: []byte(q.Instances), Tasks: []byte(q.Tasks), Service: []byte(q.Service), Count: q.Count,
		Seed: q.Seed}
	if early != nil {
		asked.Early = func(r answer.Report) { early(Reply{Markup: r.Markup().String()}) }
	}
	report, err := answer.Ask(asked)
	var text strings.Builder
	if write := report.Text(&text); err == nil {
		err = write
	}
	return reply(text.String(), report.Markup(), err)
}

func (q Question) replay() Reply {
	if strings.TrimSpace(q.Policies) == "" {
		return Reply{Error: "there are no policies: paste a file of them"}
	}
	answers, err := replay.Answers([][]byte{[]byte(q.Policies)}, []byte(q.Load))
	if err != nil {
		return reply("", nil, err)
	}
	var text strings.Builder
	err = replay.Text(&text, answers...)
	return reply(text.String(), replay.Markup(answers...), err)
}

func reply(text string, m *markup.Markup, err error) Reply {
	r := Reply{Text: text}
	if m != nil {
		r.Markup = m.String()
	}
	if err != nil {
		r.Error = err.Error()
	}
	return r
}

// Style is the style sheet of Reply.Markup.
func Style() string { return answer.Style() }
