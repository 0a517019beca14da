package servicediscovery

import "github.com/bayplan/bayplan/ecs"

// Operation is what became of a call that AWS Cloud Map carries out later.
// Source: AWS Cloud Map API Reference, Operation.
type Operation struct {
	ID           string            `json:"Id"`
	OwnerAccount string            `json:"OwnerAccount,omitzero"`
	Type         string            `json:"Type,omitzero"`
	Status       string            `json:"Status"`
	ErrorMessage string            `json:"ErrorMessage,omitzero"`
	ErrorCode    string            `json:"ErrorCode,omitzero"`
	CreateDate   ecs.Instant       `json:"CreateDate,omitzero"`
	UpdateDate   ecs.Instant       `json:"UpdateDate,omitzero"`
	Targets      map[string]string `json:"Targets,omitzero"`
}

// OperationIDOutput is the answer of the calls that are carried out later.
type OperationIDOutput struct {
	OperationID string `json:"OperationId"`
}

// GetOperationInput is the input of GetOperation.
type GetOperationInput struct {
	OperationID  string `json:"OperationId"`
	OwnerAccount string `json:"OwnerAccount,omitzero"`
}

// GetOperationOutput is the answer of GetOperation.
type GetOperationOutput struct {
	Operation Operation `json:"Operation"`
}

// OperationSummary is an operation as ListOperations shows it.
type OperationSummary struct {
	ID     string `json:"Id"`
	Status string `json:"Status"`
}

// ListOperationsOutput is the answer of ListOperations.
type ListOperationsOutput struct {
	Operations []OperationSummary `json:"Operations"`
	NextToken  string             `json:"NextToken,omitzero"`
}

// TagResourceInput is the input of TagResource.
type TagResourceInput struct {
	ResourceARN string `json:"ResourceARN"`
	Tags        []Tag  `json:"Tags"`
}

// Validate returns what is wrong with the input, as InvalidInput by field.
func (in TagResourceInput) Validate() error {
	f := &faults{}
	f.tags(in.Tags)
	return f.err()
}

// UntagResourceInput is the input of UntagResource.
type UntagResourceInput struct {
	ResourceARN string   `json:"ResourceARN"`
	TagKeys     []string `json:"TagKeys"`
}

// ListTagsForResourceInput is the input of ListTagsForResource.
type ListTagsForResourceInput struct {
	ResourceARN string `json:"ResourceARN"`
}

// ListTagsForResourceOutput is the answer of ListTagsForResource.
type ListTagsForResourceOutput struct {
	Tags []Tag `json:"Tags"`
}
