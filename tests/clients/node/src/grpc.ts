// The same over @grpc/grpc-js, for programs that use it anyway: node grpc.js ADDRESS NAMESPACE.
// Its lines are among those of the whole client.
import { create } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { details } from "protocube-stubs";
import { exchange, stream, unary } from "protocube-stubs/grpc-js.js";
import { Bulk } from "protocube-stubs/protocube/bulk/v1/bulk_pb.js";
import { ConfigMapSchema } from "protocube-stubs/protocube/core/v1/config_map_pb.js";
import { ConfigMaps } from "protocube-stubs/protocube/core/v1/config_map_service_pb.js";
import { Namespaces } from "protocube-stubs/protocube/core/v1/namespace_service_pb.js";
import { PodSchema } from "protocube-stubs/protocube/core/v1/pod_pb.js";
import { Pods } from "protocube-stubs/protocube/core/v1/pod_service_pb.js";
import { EventType } from "protocube-stubs/protocube/meta/v1/requests_pb.js";

const [address, namespace] = process.argv.slice(2) as [string, string];
const client = new Client(address, credentials.createInsecure());
const metadata = new Metadata();
metadata.set("protocube-max-trailers", "16384");

/** Each call has five seconds. */
const soon = () => ({ deadline: Date.now() + 5_000, metadata });

await unary(client, Namespaces.method.create, { object: { metadata: { name: namespace } } }, soon());
const before = await unary(client, ConfigMaps.method.list, { namespace }, soon());
await unary(client, ConfigMaps.method.create, { object: { metadata: { namespace, name: "d" } } }, soon());

const request = { namespace, resourceVersion: before.metadata?.resourceVersion ?? "" };
follow: for await (const { events } of stream(client, ConfigMaps.method.watch, request, soon())) {
  for (const { type, object } of events) {
    console.log(`event ${EventType[type]} ${object?.metadata?.name}`);
    break follow;
  }
}

const pod = create(PodSchema, { metadata: { namespace, name: "bad" }, spec: { containers: [{ name: "main" }] } });
const map = (name: string) => anyPack(ConfigMapSchema, create(ConfigMapSchema, { metadata: { namespace, name } }));
const objects = [map("x"), anyPack(PodSchema, pod), map("y")];
const writes = objects.map((value) => ({ write: { case: "create" as const, value } }));
for await (const { first, outcomes } of exchange(client, Bulk.method.write, [{ writes }], soon())) {
  for (const [index, { outcome }] of outcomes.entries()) {
    const said =
      outcome.case === "failure"
        ? described(outcome.value.code, outcome.value)
        : `made ${outcome.value?.name}`;
    console.log(`bulk ${first + BigInt(index)}: ${said}`);
  }
}
const alone = unary(client, Pods.method.create, { object: pod }, soon());
await alone.catch((error: ServiceError) => console.log(`alone: ${described(error.code, error)}`));
for (const name of ["x", "y"]) {
  const got = await unary(client, ConfigMaps.method.get, { namespace, name }, soon());
  console.log(`read ${got.metadata?.name}`);
}

const missing = unary(client, ConfigMaps.method.get, { namespace, name: "a" }, soon());
await missing.catch((error: ServiceError) => console.log(`get: ${described(error.code, error)}`));

const unborn = { namespace, fieldSelector: "metadata.name=none" };
console.log(`late: code ${await ended(stream(client, ConfigMaps.method.watch, unborn, { deadline: Date.now() + 300 }))}`);
const stopping = new AbortController();
setTimeout(() => stopping.abort(), 100);
console.log(`cancelled: code ${await ended(stream(client, ConfigMaps.method.watch, unborn, { signal: stopping.signal }))}`);
client.close();

/** Gives the code, reason and violations of an error. */
function described(code: number, error: unknown): string {
  const { reason, metadata, violations } = details(error);
  const lines = violations.map((one) => `\n  ${one.field}: ${one.reason}: ${one.description}`);
  return `code ${code} ${reason} ${metadata.name}${lines.join("")}`;
}

/** Reads a stream to its end, and gives the code that it ends with. */
async function ended(responses: AsyncIterable<unknown>): Promise<number | undefined> {
  try {
    for await (const _ of responses);
  } catch (error) {
    return (error as ServiceError).code;
  }
}
