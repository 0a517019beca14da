package control

// Explain says why a task of a service would be placed where it would, or why nowhere: the
// text of placement's explanation for the newest deployment.
func (p *Plane) Explain(clusterRef, ref string) (string, error) {
	s, err := p.serviceIn(clusterRef, ref)
	if err != nil {
		return "", err
	}
	request, err := p.requestForPrimary(s)
	if err != nil {
		return "", err
	}
	shape, err := s.cluster.index.Prepare(request)
	if err != nil {
		return "", err
	}
	return s.cluster.index.Explain(shape, 0).String(), nil
}
