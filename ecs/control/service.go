package control

import (
	"time"

	"github.com/bayplan/bayplan/ecs"
	"github.com/bayplan/bayplan/ecs/api"
	"github.com/bayplan/bayplan/ecs/control/internal/services"
)

// CreateService makes a service and starts its first deployment. The default cluster is made when
// first used. A call that repeats a client token with the same input returns the service that the
// first call made; with another input it is refused. Source: Amazon ECS API Reference,
// CreateService.
func (p *Plane) CreateService(now time.Time, in api.CreateServiceInput) (ecs.Service, error) {
	return answer(p, now, "CreateService", in, p.createService, p.show.Service)
}

func (p *Plane) createService(in api.CreateServiceInput) (*services.Service, error) {
	if s, done, err := p.repeatedService(in); done {
		return s, err
	}
	s, err := p.services.MakeService(in)
	if err == nil {
		p.connect(s)
		p.remember(in.ClientToken, in, s.Record.ServiceArn)
	}
	return s, err
}

// UpdateService changes a service. What changes the tasks themselves starts a deployment;
// the rest takes effect as it is.
// Source: Amazon ECS API Reference, UpdateService.
func (p *Plane) UpdateService(now time.Time, in api.UpdateServiceInput) (ecs.Service, error) {
	return answer(p, now, "UpdateService", in, p.updateService, p.show.Service)
}

func (p *Plane) updateService(in api.UpdateServiceInput) (*services.Service, error) {
	s, err := p.services.UpdateService(in)
	if err == nil {
		p.connect(s)
	}
	return s, err
}

// DeleteService ends a service: it is DRAINING while its tasks stop, and INACTIVE after that. A
// REPLICA service that is not scaled to 0 needs force. Source: Amazon ECS API Reference,
// DeleteService.
func (p *Plane) DeleteService(now time.Time, in api.DeleteServiceInput) (ecs.Service, error) {
	return answer(p, now, "DeleteService", in, p.services.DeleteService, p.show.Service)
}

// DescribeServices describes services in the order asked for. A deleted service is described until
// its name is used again. Tags are shown if they are included. Source: Amazon ECS API Reference,
// DescribeServices.
func (p *Plane) DescribeServices(in api.DescribeServicesInput) (api.DescribeServicesOutput, error) {
	return p.show.DescribeServices(in)
}

// ListServices lists the ARNs of the services that are ACTIVE, in order.
func (p *Plane) ListServices(in api.ListServicesInput) (api.Page, error) {
	return p.show.ListServices(in)
}

// ListServicesByNamespace lists the ARNs of the ACTIVE services of all clusters that use Service Connect in a
// namespace, by its name or ARN, in order. Source: Amazon ECS API Reference, ListServicesByNamespace.
func (p *Plane) ListServicesByNamespace(in api.ListServicesByNamespaceInput) (api.Page, error) {
	return p.show.ListServicesByNamespace(in)
}
