// Package violations tells where protovalidate has found something, as the server does.
package violations

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// The server reports a bad label or annotation at the map, as Kubernetes does.
var ofTheMap = regexp.MustCompile(`^string\.(qualified_name|qualified_name_any_case|label_value)(\.|$)`)

// The text of a rule on a message can begin with the field that it is about.
var atField = regexp.MustCompile(`^\.((?:[\w.$-]|\[[^\]]*\])+): `)

// Paths gives the paths of a violation as the server writes them: JSON names, [0] and [key]; [] is
// the object as a whole. There are several where one rule finds several fields.
func Paths(message protoreflect.MessageDescriptor, violation *validate.Violation) []string {
	var path string
	for _, element := range violation.GetField().GetElements() {
		field := message.Fields().ByNumber(protoreflect.FieldNumber(element.GetFieldNumber()))
		path += "." + field.JSONName()
		switch subscript := element.GetSubscript().(type) {
		case *validate.FieldPathElement_Index:
			path += fmt.Sprintf("[%d]", subscript.Index)
		case *validate.FieldPathElement_StringKey:
			if !ofTheMap.MatchString(violation.GetRuleId()) {
				path += fmt.Sprintf("[%s]", subscript.StringKey)
			}
		}
		message = field.Message()
		if field.IsMap() {
			message = field.MapValue().Message()
		}
	}
	path = strings.TrimPrefix(path, ".")
	lines := strings.Split(violation.GetMessage(), "\n")
	if slices.ContainsFunc(lines, func(line string) bool { return !atField.MatchString(line) }) {
		lines = lines[:1]
	}
	for index, line := range lines {
		lines[index] = cmp.Or(path, "[]")
		if found := atField.FindStringSubmatch(line); found != nil {
			lines[index] = strings.TrimPrefix(path+"."+found[1], ".")
		}
	}
	return lines
}
