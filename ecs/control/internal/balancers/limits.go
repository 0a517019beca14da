package balancers

// The quotas.
// Source: Elastic Load Balancing, "Quotas for your Application Load Balancers" and "Quotas for your Network Load
// Balancers".
const (
	mostBalancers = 50
	mostListeners = 50
	mostRules     = 100 // of a load balancer, default rules not counted
)
