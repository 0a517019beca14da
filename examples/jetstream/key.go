package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"os"
)

// accessKey signs the calls of the API. It is in a file with mode 0600, which all members have.
type accessKey struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
}

func newKey(file string) (key accessKey, err error) {
	key = accessKey{"MEMBER" + rand.Text()[:14], rand.Text() + rand.Text()[:14]}
	data, err := json.Marshal(key)
	if err != nil {
		return key, err
	}
	return key, os.WriteFile(file, data, 0o600)
}

func readKey(file string) (key accessKey, err error) {
	data, err := os.ReadFile(file)
	if err == nil {
		err = json.Unmarshal(data, &key)
	}
	if err == nil && (key.ID == "" || len(key.Secret) < 16) {
		err = fmt.Errorf("%s: it needs an id and a secret of at least 16 characters", file)
	}
	return key, err
}
