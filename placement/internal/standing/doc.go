// Package standing keeps the tasks that may be stopped in the order in which they go, by the rules of
// placement.Victims. An Order is told what is known of instances, each a Site, and of the tasks on
// them; it answers which one goes next. It looks at the values of the strategy's attributes and at the
// tasks on one instance, not at all tasks. Who follows an index is placement's Standing.
package standing
