// The contract's own rules (names, labels, quantities), which protovalidate must be told of.
import { createRegistry, type DescFile, type DescMessage, type Registry } from "@bufbuild/protobuf";

/** Gives the registry of a validator that checks these messages and all that they are made of. */
export function rulesOf(...schemas: DescMessage[]): Registry {
  const files = new Set<DescFile>();
  const visit = (file: DescFile) => {
    if (!files.has(file)) {
      files.add(file);
      file.dependencies.forEach(visit);
    }
  };
  schemas.forEach((schema) => visit(schema.file));
  return createRegistry(...files);
}
