package front

// kept is what a server knows beside its plane.
type kept struct {
	Settings []accountSetting `json:"settings,omitzero"`
}

// keep makes what the server knows beside its plane durable.
func (s *Server) keep() error { return nil }
