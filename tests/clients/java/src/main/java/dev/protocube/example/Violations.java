package dev.protocube.example;

import build.buf.validate.FieldPathElement;
import build.buf.validate.Violation;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Tells where protovalidate has found something, as the server does. */
public final class Violations {
  /** The server reports a bad label or annotation at the map, as Kubernetes does. */
  private static final Pattern OF_THE_MAP =
      Pattern.compile("string\\.(qualified_name|qualified_name_any_case|label_value)(\\..*)?");

  /** The text of a rule on a message can begin with the field that it is about. */
  private static final Pattern AT_FIELD =
      Pattern.compile("\\.((?:[\\w.$-]|\\[[^\\]]*\\])+): .*");

  private Violations() {}

  /**
   * Gives the paths of a violation as the server writes them: JSON names, {@code [0]} and {@code
   * [key]}; {@code []} is the object as a whole. There are several where one rule finds several
   * fields.
   */
  public static List<String> paths(Descriptor message, Violation violation) {
    StringBuilder path = new StringBuilder();
    Descriptor current = message;
    for (FieldPathElement element : violation.getField().getElementsList()) {
      FieldDescriptor field = current.findFieldByNumber(element.getFieldNumber());
      path.append(path.isEmpty() ? "" : ".").append(field.getJsonName());
      if (element.hasIndex()) {
        path.append("[" + element.getIndex() + "]");
      } else if (element.hasStringKey() && !OF_THE_MAP.matcher(violation.getRuleId()).matches()) {
        path.append("[" + element.getStringKey() + "]");
      }
      if (field.isMapField()) {
        field = field.getMessageType().findFieldByName("value");
      }
      current = field.getJavaType() == FieldDescriptor.JavaType.MESSAGE ? field.getMessageType() : null;
    }
    List<Matcher> lines =
        Arrays.stream(violation.getMessage().split("\n", -1)).map(AT_FIELD::matcher).toList();
    if (!lines.stream().allMatch(Matcher::matches)) {
      lines = lines.subList(0, 1);
    }
    return lines.stream().map(line -> below(path.toString(), line)).toList();
  }

  private static String below(String path, Matcher line) {
    if (!line.matches()) {
      return path.isEmpty() ? "[]" : path;
    }
    return path.isEmpty() ? line.group(1) : path + "." + line.group(1);
  }
}
