package image_test

import (
	"fmt"

	"github.com/bayplan/bayplan/ecs/image"
)

func ExampleParse() {
	for _, s := range []string{"nginx", "myhost/app", "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/web:v1",
		"Nginx"} {
		ref, err := image.Parse(s)
		_, private := ref.ECR()
		fmt.Println(ref, private, err)
	}
	// Output:
	// docker.io/library/nginx:latest false <nil>
	// docker.io/myhost/app:latest false <nil>
	// 123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/web:v1 true <nil>
	// / false InvalidParameterException: image: repository name must be lowercase: Nginx
}
