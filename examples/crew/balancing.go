package crew

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/bayplan/bayplan/ecs/driver/proxy"
	"github.com/bayplan/bayplan/loadbalance"
)

// Balancing has the proxy listen as the plane's load balancers say: callers of Elastic Load Balancing make listeners.
type Balancing struct {
	plane Plane
	proxy *proxy.Remote
	out   io.Writer
	open  map[string]string // listeners as the proxy has them, as JSON, by ARN
	told  map[string]string // why one is not open
}

// NewBalancing returns one that prints to out where listeners are, and which ones are not open.
func NewBalancing(c *Crew, out io.Writer) *Balancing {
	return &Balancing{plane: c.Plane(), proxy: proxy.NewRemote(c.directory), out: out, open: map[string]string{},
		told: map[string]string{}}
}

// Follow looks at the plane several times a second until the context ends. While a process of the crew does not
// answer, it tries again.
func (b *Balancing) Follow(ctx context.Context) {
	for Sleep(ctx, 200*time.Millisecond) == nil {
		if all, err := Ask[[]loadbalance.Listener](ctx, b.plane, "Listeners", struct{}{}); err == nil {
			b.match(ctx, all)
		}
	}
}

// match closes the listeners that are gone, and opens and changes the others.
func (b *Balancing) match(ctx context.Context, all []loadbalance.Listener) {
	there := map[string]bool{}
	for _, l := range all {
		there[l.ListenerArn] = true
	}
	for arn := range b.open { //order:any each by itself
		if !there[arn] && b.proxy.Unlisten(ctx, arn) == nil {
			delete(b.open, arn)
		}
	}
	for arn := range b.told { //order:any each by itself
		if !there[arn] {
			delete(b.told, arn)
		}
	}
	for _, l := range all {
		text, err := json.Marshal(l)
		if err == nil && b.open[l.ListenerArn] != string(text) {
			err = b.listen(ctx, l, string(text))
		}
		if err != nil && ctx.Err() == nil && b.told[l.ListenerArn] != err.Error() {
			b.told[l.ListenerArn] = err.Error()
			fmt.Fprintf(b.out, "listener %s is not open: %v\n", LastPart(l.ListenerArn), err)
		}
	}
}

// listen opens a listener at its port of 127.0.0.1, or at a free one where that cannot be had.
func (b *Balancing) listen(ctx context.Context, l loadbalance.Listener, text string) error {
	why := ""
	address, err := b.proxy.Listen(ctx, l, fmt.Sprintf("127.0.0.1:%d", l.Port))
	if err != nil {
		why = fmt.Sprintf(", since port %d cannot be had (%v)", l.Port, err)
		if address, err = b.proxy.Listen(ctx, l, "127.0.0.1:0"); err != nil {
			return err
		}
	}
	if _, known := b.open[l.ListenerArn]; !known {
		fmt.Fprintf(b.out, "listener %s is at http://%s/%s\n", LastPart(l.ListenerArn), address, why)
	}
	b.open[l.ListenerArn] = text
	return nil
}
