import build.buf.protovalidate.Validator;
import build.buf.protovalidate.ValidatorFactory;
import build.buf.protovalidate.Violation;
import build.buf.protovalidate.exceptions.ValidationException;
import com.google.protobuf.Message;
import dev.protocube.example.Violations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Checks objects as {@code test_rules_everywhere} gives them; a line of answers each. */
public final class Every {
  public static void main(String[] args) throws Exception {
    Map<String, Message> types = types(Path.of("target/classes"));
    Validator validator = ValidatorFactory.newBuilder().build();
    for (String line : Files.readAllLines(Path.of(args[0]))) {
      String[] parts = line.split(" ", 2);
      byte[] object = Base64.getDecoder().decode(parts[1]);
      System.out.println(
          found(validator, types.get(parts[0]).getParserForType().parseFrom(object)));
    }
  }

  private static String found(Validator validator, Message object) {
    try {
      return validator.validate(object).getViolations().stream()
          .map(Violation::toProto)
          .flatMap(
              one ->
                  Violations.paths(object.getDescriptorForType(), one).stream()
                      .map(path -> path + " " + one.getRuleId()))
          .sorted()
          .collect(Collectors.joining("; "));
    } catch (ValidationException error) {
      return error.getMessage();
    }
  }

  private static Map<String, Message> types(Path root) throws Exception {
    Map<String, Message> found = new HashMap<>();
    try (Stream<Path> files = Files.walk(root.resolve("dev/protocube"))) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = root.relativize(file).toString();
        if (!name.endsWith(".class") || name.contains("$")) {
          continue;
        }
        Class<?> type = Class.forName(name.replace(".class", "").replace('/', '.'));
        if (Message.class.isAssignableFrom(type) && !type.isInterface()) {
          Message empty = (Message) type.getMethod("getDefaultInstance").invoke(null);
          found.put(empty.getDescriptorForType().getFullName(), empty);
        }
      }
    }
    return found;
  }
}
