package control

// Explain says why a task of a service would be placed where it would, or why nowhere: the
// text of placement's explanation for the newest deployment.
func (p *Plane) Explain(clusterRef, ref string) (string, error) {
	c, err := p.cluster(clusterRef)
	if err != nil {
		return "", err
	}
	s, err := c.service(ref)
	if err != nil {
		return "", err
	}
	request, err := p.requestForPrimary(s)
	if err != nil {
		return "", err
	}
	shape, err := c.index.Prepare(request)
	if err != nil {
		return "", err
	}
	return c.index.Explain(shape, 0).String(), nil
}
