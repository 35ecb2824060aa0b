import type { DescMessage, Registry } from "@bufbuild/protobuf";
import type { Path } from "@bufbuild/protobuf/reflect";
import type {
  BadRequest_FieldViolation,
  PreconditionFailure_Violation,
} from "./google/rpc/error_details_pb.js";

/**
 * Gives the registry of a protovalidate validator that checks these messages and all that they are
 * made of: `createValidator({ registry: rulesOf(PodSchema) })`. Without it the contract's own rules
 * (names, labels, quantities) are unknown, and every check ends as an error.
 */
export declare function rulesOf(...schemas: DescMessage[]): Registry;

/**
 * Gives the paths of a violation as the server writes them: JSON names, `[0]` and `[key]`; `[]` is
 * the object as a whole. There are several where one rule finds several fields.
 */
export declare function violationPaths(violation: { field: Path; ruleId: string; message: string }): string[];

/** What an error of the server says besides its code and text. */
export interface Details {
  /** `google.rpc.ErrorInfo`: `NotFound`, `Conflict`, `OutcomeUnknown`; empty when it has none. */
  reason: string;
  /** Its metadata, such as the `name` of the object. */
  metadata: Record<string, string>;
  /** What is wrong with which field. */
  violations: BadRequest_FieldViolation[];
  /** The fields that others own, when an apply is refused. */
  preconditions: PreconditionFailure_Violation[];
  /** When to try again. With the code UNAVAILABLE it says that nothing was done. */
  retryAfterMs?: number;
}

/** Reads the details of a `ConnectError`, of a `ServiceError` of @grpc/grpc-js, or of a `Failure` in a stream. */
export declare function details(error: unknown): Details;
