// The details that every error of the server carries: google.rpc.Status in a trailer.
import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { ServiceError } from "@grpc/grpc-js";

export interface Violation {
  field: string;
  description: string;
  reason: string;
}

export interface Precondition {
  type: string;
  subject: string;
  description: string;
}

export interface Details {
  reason: string;
  metadata: Record<string, string>;
  violations: Violation[];
  preconditions: Precondition[];
}

interface Packed {
  typeUrl: string;
  value: Uint8Array;
}

/** Reads ErrorInfo, BadRequest and PreconditionFailure; npm has no package of their messages. */
export function details(error: ServiceError): Details {
  const [status] = error.metadata.get("grpc-status-details-bin");
  return read(status instanceof Buffer ? (fields(status).get(3) ?? []).map(unpacked) : []);
}

/** Reads those of a failure in a stream, where they are messages already. */
export function read(packed: Iterable<Packed>): Details {
  const found: Details = { reason: "", metadata: {}, violations: [], preconditions: [] };
  for (const { typeUrl, value } of packed) {
    switch (typeUrl) {
      case "type.googleapis.com/google.rpc.ErrorInfo": {
        const info = fields(value);
        found.reason = text(info, 1);
        for (const entry of info.get(3) ?? []) {
          found.metadata[text(fields(entry), 1)] = text(fields(entry), 2);
        }
        break;
      }
      case "type.googleapis.com/google.rpc.BadRequest":
        for (const entry of fields(value).get(1) ?? []) {
          const violation = fields(entry);
          found.violations.push({
            field: text(violation, 1),
            description: text(violation, 2),
            reason: text(violation, 3),
          });
        }
        break;
      case "type.googleapis.com/google.rpc.PreconditionFailure":
        for (const entry of fields(value).get(1) ?? []) {
          const violation = fields(entry);
          found.preconditions.push({
            type: text(violation, 1),
            subject: text(violation, 2),
            description: text(violation, 3),
          });
        }
    }
  }
  return found;
}

function unpacked(any: Uint8Array): Packed {
  const parts = fields(any);
  return { typeUrl: text(parts, 1), value: parts.get(2)?.[0] ?? new Uint8Array() };
}

function fields(bytes: Uint8Array): Map<number, Uint8Array[]> {
  const reader = new BinaryReader(bytes);
  const found = new Map<number, Uint8Array[]>();
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (type === WireType.LengthDelimited) {
      found.set(number, [...(found.get(number) ?? []), reader.bytes()]);
    } else {
      reader.skip(type);
    }
  }
  return found;
}

function text(found: Map<number, Uint8Array[]>, number: number): string {
  return new TextDecoder().decode(found.get(number)?.at(-1));
}
