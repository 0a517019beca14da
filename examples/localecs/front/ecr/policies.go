package ecr

import (
	"encoding/json"
	"time"
)

// repositoryInput is the input of what is about one repository.
type repositoryInput struct {
	RegistryID     string `json:"registryId"`
	RepositoryName string `json:"repositoryName"`
}

type setRepositoryPolicyInput struct {
	RegistryID     string `json:"registryId"`
	RepositoryName string `json:"repositoryName"`
	PolicyText     string `json:"policyText" kept:""`
	Force          bool   `json:"force" kept:""`
}

type putLifecyclePolicyInput struct {
	RegistryID          string `json:"registryId"`
	RepositoryName      string `json:"repositoryName"`
	LifecyclePolicyText string `json:"lifecyclePolicyText" kept:""`
}

// policyAnswer is an answer about a policy's text, under its key.
func policyAnswer(home Home, name, key, text string) map[string]any {
	return map[string]any{"registryId": home.Account, "repositoryName": name, key: text}
}

// textFault refuses a policy that is not JSON, or too long or too short.
func textFault(field, text string, least, most int) error {
	if n := len(text); n < least || n > most || !json.Valid([]byte(text)) {
		return fault(invalidParameter, field, "Invalid parameter at '%s': it is a JSON document of %d to %d "+
			"characters; this has %d.", field, least, most, n)
	}
	return nil
}

// setRepositoryPolicy keeps the policy of a repository. Source: Amazon ECR API Reference, SetRepositoryPolicy.
func setRepositoryPolicy(r *Registry, home Home, _ time.Time, in setRepositoryPolicyInput) (any, error) {
	found, err := r.find(home, in.RegistryID, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	const most = 10_240
	if err := textFault("policyText", in.PolicyText, 1, most); err != nil {
		return nil, err
	}
	found.Policy = in.PolicyText
	return policyAnswer(home, found.Name, "policyText", found.Policy), nil
}

// getRepositoryPolicy shows the policy of a repository. Source: Amazon ECR API Reference, GetRepositoryPolicy.
func getRepositoryPolicy(r *Registry, home Home, _ time.Time, in repositoryInput) (any, error) {
	found, err := r.find(home, in.RegistryID, in.RepositoryName)
	switch {
	case err != nil:
		return nil, err
	case found.Policy == "":
		return nil, fault(policyNotFound, "", "Repository policy does not exist for the repository with name '%s' in "+
			"the registry with id '%s'", found.Name, home.Account)
	}
	return policyAnswer(home, found.Name, "policyText", found.Policy), nil
}

// deleteRepositoryPolicy forgets the policy of a repository.
// Source: Amazon ECR API Reference, DeleteRepositoryPolicy.
func deleteRepositoryPolicy(r *Registry, home Home, now time.Time, in repositoryInput) (any, error) {
	out, err := getRepositoryPolicy(r, home, now, in)
	if err == nil {
		r.Repositories[in.RepositoryName].Policy = ""
	}
	return out, err
}

// putLifecyclePolicy keeps the life-cycle policy of a repository.
// Source: Amazon ECR API Reference, PutLifecyclePolicy.
func putLifecyclePolicy(r *Registry, home Home, _ time.Time, in putLifecyclePolicyInput) (any, error) {
	found, err := r.find(home, in.RegistryID, in.RepositoryName)
	if err != nil {
		return nil, err
	}
	const least, most = 100, 30_720
	if err := textFault("lifecyclePolicyText", in.LifecyclePolicyText, least, most); err != nil {
		return nil, err
	}
	found.Lifecycle = in.LifecyclePolicyText
	return policyAnswer(home, found.Name, "lifecyclePolicyText", found.Lifecycle), nil
}

// getLifecyclePolicy shows the life-cycle policy of a repository.
// Source: Amazon ECR API Reference, GetLifecyclePolicy.
func getLifecyclePolicy(r *Registry, home Home, _ time.Time, in repositoryInput) (any, error) {
	found, err := r.find(home, in.RegistryID, in.RepositoryName)
	switch {
	case err != nil:
		return nil, err
	case found.Lifecycle == "":
		return nil, fault(lifecycleNotFound, "", "Lifecycle policy does not exist for the repository with name '%s' "+
			"in the registry with id '%s'", found.Name, home.Account)
	}
	return policyAnswer(home, found.Name, "lifecyclePolicyText", found.Lifecycle), nil
}

// deleteLifecyclePolicy forgets the life-cycle policy of a repository.
// Source: Amazon ECR API Reference, DeleteLifecyclePolicy.
func deleteLifecyclePolicy(r *Registry, home Home, now time.Time, in repositoryInput) (any, error) {
	out, err := getLifecyclePolicy(r, home, now, in)
	if err == nil {
		r.Repositories[in.RepositoryName].Lifecycle = ""
	}
	return out, err
}
