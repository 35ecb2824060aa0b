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
const writes = [{ write: { case: "create" as const, value: anyPack(PodSchema, pod) } }];
for await (const { outcomes } of exchange(client, Bulk.method.write, [{ writes }], soon())) {
  for (const { outcome } of outcomes) {
    const [violation] = details(outcome.value).violations;
    console.log(`  ${violation?.field}: ${violation?.reason}: ${violation?.description}`);
  }
}

const missing = unary(client, ConfigMaps.method.get, { namespace, name: "a" }, soon());
await missing.catch((error: ServiceError) => {
  console.log(`get: code ${error.code} ${details(error).reason} ${details(error).metadata.name}`);
});

const unborn = { namespace, fieldSelector: "metadata.name=none" };
console.log(`late: code ${await ended(stream(client, ConfigMaps.method.watch, unborn, { deadline: Date.now() + 300 }))}`);
const stopping = new AbortController();
setTimeout(() => stopping.abort(), 100);
console.log(`cancelled: code ${await ended(stream(client, ConfigMaps.method.watch, unborn, { signal: stopping.signal }))}`);
client.close();

/** Reads a stream to its end, and gives the code that it ends with. */
async function ended(responses: AsyncIterable<unknown>): Promise<number | undefined> {
  try {
    for await (const _ of responses);
  } catch (error) {
    return (error as ServiceError).code;
  }
}
