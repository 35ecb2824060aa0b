// Checks objects as test_rules_everywhere gives them: every FILE; a line of answers each.
package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"log"
	"os"
	"slices"
	"strings"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	_ "protocube.example/client/gen/protocube/admissionregistration/v1"
	_ "protocube.example/client/gen/protocube/apiextensions/v1"
	_ "protocube.example/client/gen/protocube/apiregistration/v1"
	_ "protocube.example/client/gen/protocube/apps/v1"
	_ "protocube.example/client/gen/protocube/authentication/v1"
	_ "protocube.example/client/gen/protocube/authorization/v1"
	_ "protocube.example/client/gen/protocube/autoscaling/v1"
	_ "protocube.example/client/gen/protocube/autoscaling/v2"
	_ "protocube.example/client/gen/protocube/batch/v1"
	_ "protocube.example/client/gen/protocube/certificates/v1"
	_ "protocube.example/client/gen/protocube/coordination/v1"
	_ "protocube.example/client/gen/protocube/core/v1"
	_ "protocube.example/client/gen/protocube/definitions/v1"
	_ "protocube.example/client/gen/protocube/discovery/v1"
	_ "protocube.example/client/gen/protocube/events/v1"
	_ "protocube.example/client/gen/protocube/flowcontrol/v1"
	_ "protocube.example/client/gen/protocube/networking/v1"
	_ "protocube.example/client/gen/protocube/node/v1"
	_ "protocube.example/client/gen/protocube/policy/v1"
	_ "protocube.example/client/gen/protocube/rbac/v1"
	_ "protocube.example/client/gen/protocube/resource/v1"
	_ "protocube.example/client/gen/protocube/scheduling/v1"
	_ "protocube.example/client/gen/protocube/storage/v1"
	"protocube.example/client/violations"
)

func main() {
	text, err := os.ReadFile(os.Args[1])
	check(err)
	for _, line := range strings.Split(strings.TrimRight(string(text), "\n"), "\n") {
		name, object, _ := strings.Cut(line, " ")
		kind, err := protoregistry.GlobalTypes.FindMessageByName(protoreflect.FullName(name))
		check(err)
		raw, err := base64.StdEncoding.DecodeString(object)
		check(err)
		message := kind.New().Interface()
		check(proto.Unmarshal(raw, message))
		fmt.Println(found(message))
	}
}

func found(message proto.Message) string {
	err := protovalidate.Validate(message)
	var invalid *protovalidate.ValidationError
	if !errors.As(err, &invalid) {
		if err != nil {
			return err.Error()
		}
		return ""
	}
	var lines []string
	for _, violation := range invalid.Violations {
		for _, path := range violations.Paths(message.ProtoReflect().Descriptor(), violation.Proto) {
			lines = append(lines, path+" "+violation.Proto.GetRuleId())
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "; ")
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
