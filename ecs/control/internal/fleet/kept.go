package fleet

// Hold is called before an instance changes: see core.Keeper.
func (i *Instance) Hold() { i.Cluster.copies.Hold(i) }

// Copy returns the instance as it is now, to be asked for its Document later.
func (i *Instance) Copy() *Instance {
	c := *i
	c.Ports = i.Ports.Clone()
	return &c
}
