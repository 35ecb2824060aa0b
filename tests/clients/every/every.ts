// Checks objects as `test_rules_everywhere` gives them: node every.js FILE; a line of answers each.
import { fromBinary, type DescMessage } from "@bufbuild/protobuf";
import { createValidator, type Validator } from "@bufbuild/protovalidate";
import { readdirSync, readFileSync } from "node:fs";
import { rulesOf, violationPaths } from "protocube-stubs";

const generated = new URL(".", import.meta.resolve("protocube-stubs"));
const types = new Map<string, DescMessage>();
for (const name of readdirSync(generated, { recursive: true }) as string[]) {
  if (name.startsWith("protocube/") && name.endsWith("_pb.js")) {
    const module: Record<string, DescMessage> = await import(new URL(name, generated).href);
    for (const exported of Object.values(module).filter((one) => one.kind === "message")) {
      types.set(exported.typeName, exported);
    }
  }
}
const validators = new Map<string, Validator>();
for (const line of readFileSync(process.argv[2]!, "utf8").trimEnd().split("\n")) {
  const [type, object] = line.split(" ") as [string, string];
  const schema = types.get(type)!;
  const validator = validators.get(type) ?? createValidator({ registry: rulesOf(schema) });
  validators.set(type, validator);
  const { kind, error, violations = [] } = validator.validate(
    schema,
    fromBinary(schema, Buffer.from(object, "base64")),
  );
  const found = violations.flatMap((one) => violationPaths(one).map((path) => `${path} ${one.ruleId}`));
  console.log(kind === "error" ? error.message : found.sort().join("; "));
}
