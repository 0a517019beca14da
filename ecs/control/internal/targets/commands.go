package targets

import (
	"github.com/bayplan/bayplan/ecs/message"
	"github.com/bayplan/bayplan/loadbalance"
)

// Complete returns a command with the target groups that it is about, as they are now and with their
// defaults filled in. It leaves a command alone that has them, and one that is about none.
func (b *Books) Complete(c message.Command) message.Command {
	switch c := c.(type) {
	case message.RegisterTarget:
		if c.TargetGroup.Name() == "" {
			c.TargetGroup = b.whole(c.TargetGroupArn)
		}
		return c
	case message.DeregisterTarget:
		if c.TargetGroup.Name() == "" {
			c.TargetGroup = b.whole(c.TargetGroupArn)
		}
		return c
	case message.ModifyTraffic:
		if len(c.TargetGroups) == 0 {
			for _, w := range c.Weights {
				c.TargetGroups = append(c.TargetGroups, b.whole(w.TargetGroupArn))
			}
		}
		return c
	}
	return c
}

// whole returns a group with its defaults filled in. One that is not known has its name only.
func (b *Books) whole(name string) loadbalance.TargetGroup {
	g, ok := b.Group(name)
	if !ok {
		g = loadbalance.TargetGroup{TargetGroupArn: name}
	}
	return g.Normalize()
}
