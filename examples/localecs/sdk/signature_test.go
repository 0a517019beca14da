package sdk

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/require"

	"github.com/bayplan/bayplan/examples/localecs/front"
)

// The SDK's signature is accepted with the right secret, and only with it. Seen to fail: the
// body left out of the digest.
func TestSignature(t *testing.T) {
	now := time.Now
	server, err := front.New(front.Config{Manual: true, Now: func() time.Time {
		return now()
	}, Secret: func(id string) (string, bool) { return "secret of " + id, id == "AKIDEXAMPLE" }})
	require.NoError(t, err)
	s := httptest.NewServer(server)
	t.Cleanup(s.Close)
	call := func(id, secret string) (string, error) {
		c := ecs.New(ecs.Options{Region: "us-east-1", BaseEndpoint: aws.String(s.URL), RetryMaxAttempts: 1,
			Credentials: credentials.NewStaticCredentialsProvider(id, secret, "")})
		_, err := c.CreateCluster(context.Background(), &ecs.CreateClusterInput{ClusterName: aws.String("a")})
		var api smithy.APIError
		if errors.As(err, &api) {
			return api.ErrorCode(), err
		}
		return "", err
	}
	code, err := call("AKIDEXAMPLE", "secret of AKIDEXAMPLE")
	require.NoError(t, err)
	require.Empty(t, code)
	code, _ = call("AKIDEXAMPLE", "another")
	require.Equal(t, "InvalidSignatureException", code)
	code, _ = call("AKIDOTHER", "secret of AKIDOTHER")
	require.Equal(t, "UnrecognizedClientException", code)
	now = func() time.Time { return time.Now().Add(time.Hour) }
	code, err = call("AKIDEXAMPLE", "secret of AKIDEXAMPLE")
	require.Equal(t, "InvalidSignatureException", code)
	require.ErrorContains(t, err, "Signature expired")
	anonymous := ecs.New(ecs.Options{Region: "us-east-1", BaseEndpoint: aws.String(s.URL), RetryMaxAttempts: 1,
		Credentials: aws.AnonymousCredentials{}})
	_, err = anonymous.ListClusters(context.Background(), &ecs.ListClustersInput{})
	require.ErrorContains(t, err, "MissingAuthenticationTokenException")
}
