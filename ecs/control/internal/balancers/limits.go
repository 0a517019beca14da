package balancers

// The quotas.
// Source: Elastic Load Balancing, "Quotas for your Application Load Balancers", "Quotas for your Network Load
// Balancers" and "Quotas for your Classic Load Balancer".
const (
	mostBalancers = 50
	mostClassic   = 20
	mostListeners = 50
	mostRules     = 100 // of a load balancer, default rules not counted
)
