// What stubs need besides: the rules that a validator must be told of, the paths of what it finds,
// and the details of errors. They know no transport.
import { anyUnpack } from "@bufbuild/protobuf/wkt";
import { createRegistry, fromBinary } from "@bufbuild/protobuf";
import {
  BadRequestSchema,
  ErrorInfoSchema,
  PreconditionFailureSchema,
  RetryInfoSchema,
} from "./google/rpc/error_details_pb.js";
import { StatusSchema } from "./google/rpc/status_pb.js";

export function rulesOf(...schemas) {
  const files = new Set();
  const visit = (file) => {
    if (!files.has(file)) {
      files.add(file);
      file.dependencies.forEach(visit);
    }
  };
  schemas.forEach((schema) => visit(schema.file));
  return createRegistry(...files);
}

// The server reports a bad label or annotation at the map, as Kubernetes does.
const OF_THE_MAP = /^string\.(qualified_name|qualified_name_any_case|label_value)(\.|$)/;
// The text of a rule on a message can begin with the field that it is about.
const AT_FIELD = /^\.((?:[\w.$-]|\[[^\]]*\])+): /;

export function violationPaths({ field, ruleId, message }) {
  let path = "";
  for (const step of field) {
    if (step.kind === "list_sub") {
      path += `[${step.index}]`;
    } else if (step.kind !== "map_sub") {
      path += (path && ".") + (step.jsonName ?? step.name);
    } else if (!OF_THE_MAP.test(ruleId)) {
      path += `[${step.key}]`;
    }
  }
  const lines = message.split("\n").map((line) => AT_FIELD.exec(line)?.[1]);
  const below = lines.every((line) => line !== undefined) ? lines : lines.slice(0, 1);
  return below.map((line) => [path, line].filter(Boolean).join(".") || "[]");
}

export function details(error) {
  const found = { reason: "", metadata: {}, violations: [], preconditions: [] };
  for (const packed of packedIn(error)) {
    const info = anyUnpack(packed, ErrorInfoSchema);
    if (info) {
      found.reason = info.reason;
      found.metadata = info.metadata;
    }
    found.violations.push(...(anyUnpack(packed, BadRequestSchema)?.fieldViolations ?? []));
    found.preconditions.push(...(anyUnpack(packed, PreconditionFailureSchema)?.violations ?? []));
    const delay = anyUnpack(packed, RetryInfoSchema)?.retryDelay;
    if (delay) {
      found.retryAfterMs = Number(delay.seconds) * 1000 + delay.nanos / 1e6;
    }
  }
  return found;
}

function packedIn(error) {
  // connect-es has them decoded, with types that are names alone; a failure in a stream as Any.
  const decoded = error?.details;
  if (Array.isArray(decoded)) {
    return decoded
      .filter((one) => "value" in one)
      .map((one) => ("type" in one ? { typeUrl: `type.googleapis.com/${one.type}`, value: one.value } : one))
      .map(({ typeUrl, value }) => ({ $typeName: "google.protobuf.Any", typeUrl, value }));
  }
  // @grpc/grpc-js leaves them in the trailers.
  const [status] = error?.metadata?.get?.("grpc-status-details-bin") ?? [];
  return status ? fromBinary(StatusSchema, status).details : [];
}
