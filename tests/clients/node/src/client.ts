// Walks the API as a service written in TypeScript would:
// node client.js ADDRESS NAMESPACE [CA [TOKEN | CERT KEY]]. It speaks TLS when CA names the server's
// authority, and shows a token or a certificate. Its lines are compared with those
// of the clients in other languages.
import { readFileSync } from "node:fs";
import { create } from "@bufbuild/protobuf";
import { anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { createValidator } from "@bufbuild/protovalidate";
import { type CallOptions, ConnectError, createClient, type Interceptor, type Transport } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { details, rulesOf, violationPaths } from "protocube-stubs";
import { Bulk } from "protocube-stubs/protocube/bulk/v1/bulk_pb.js";
import { ConfigMapSchema } from "protocube-stubs/protocube/core/v1/config_map_pb.js";
import { ConfigMaps } from "protocube-stubs/protocube/core/v1/config_map_service_pb.js";
import { Namespaces } from "protocube-stubs/protocube/core/v1/namespace_service_pb.js";
import { PodSchema } from "protocube-stubs/protocube/core/v1/pod_pb.js";
import { Pods } from "protocube-stubs/protocube/core/v1/pod_service_pb.js";
import { EventType } from "protocube-stubs/protocube/meta/v1/requests_pb.js";
import { Watches } from "protocube-stubs/protocube/watch/v1/watches_pb.js";

const [address, namespace, ...secured] = process.argv.slice(2) as [string, string, ...string[]];
const { transport, close } = connect(address, secured);
const maps = createClient(ConfigMaps, transport);
const print = (line: string) => console.log(line);

function connect(address: string, [authority, one, key]: string[]): { transport: Transport; close: () => void } {
  const baseUrl = `${authority ? "https" : "http"}://${address}`;
  const interceptors = one && !key ? [bearer(one)] : [];
  const nodeOptions = authority ? certificates(authority, one, key) : {};
  const sessionManager = new Http2SessionManager(baseUrl, {}, nodeOptions);
  const transport = createGrpcTransport({ baseUrl, interceptors, nodeOptions, sessionManager });
  return { transport, close: () => sessionManager.abort() };
}

function certificates(authority: string, certificate?: string, key?: string) {
  const ca = readFileSync(authority);
  return certificate && key ? { ca, cert: readFileSync(certificate), key: readFileSync(key) } : { ca };
}

/** Shows a token with each call. */
function bearer(token: string): Interceptor {
  return (next) => (request) => {
    request.header.set("authorization", `Bearer ${token}`);
    return next(request);
  };
}

async function main() {
  await createClient(Namespaces, transport).create({ object: { metadata: { name: namespace } } });
  for (const name of ["a", "b", "c"]) {
    await createOne(name);
  }
  await list();
  await update();
  await patch();
  await apply();
  await watch();
  await bounded();
  await warned();
  await cancelled();
  await refused();
  await bulk();
  const gone = await maps.delete({ namespace, name: "a" });
  print(`deleted ${gone.metadata?.name}`);
  print(`get: ${await told(maps.get({ namespace, name: "a" }))}`);
}

async function createOne(name: string) {
  const made = await maps.create({
    object: { metadata: { namespace, name }, data: { key: name } },
  });
  const got = await maps.get({ namespace, name });
  const same = got.metadata?.resourceVersion === made.metadata?.resourceVersion;
  print(`created ${name}: uid ${made.metadata?.uid !== ""}, read back ${same}`);
}

async function list() {
  let continueToken = "";
  do {
    const page = await maps.list({ namespace, limit: 2n, continueToken });
    print(`page ${page.items.map((item) => item.metadata?.name).join(" ")}`);
    continueToken = page.metadata?.continueToken ?? "";
  } while (continueToken);
}

async function update() {
  const stale = await maps.get({ namespace, name: "a" });
  stale.data = { key: "first" };
  await maps.update({ object: stale });
  stale.data = { key: "second" };
  print(`stale update: ${await told(maps.update({ object: stale }))}`);
  const fresh = await maps.get({ namespace, name: "a" });
  print(`kept ${fresh.data.key}`);
}

/** Changes parts of a map without reading it: by a text, and by the fields of a message. */
async function patch() {
  const one = { namespace, name: "a" };
  const byText = await maps.patch({
    ...one,
    patch: { case: "mergePatch", value: JSON.stringify({ data: { more: "yes" } }) },
  });
  print(`patched by text: ${byText.data.key} ${byText.data.more}`);
  const byFields = await maps.patch({
    ...one,
    patch: { case: "object", value: create(ConfigMapSchema, { metadata: { labels: { by: "fields" } } }) },
    updateMask: { paths: ["metadata.labels"] },
  });
  print(`patched by fields: ${byFields.metadata?.labels.by} ${byFields.data.more}`);
  // A version in the patch is a condition.
  const stale = JSON.stringify({ metadata: { resourceVersion: "1" } });
  const call = maps.patch({ ...one, patch: { case: "mergePatch", value: stale } });
  print(`stale patch: ${await told(call)}`);
}

/** Says what each of two managers wants of a map: by a message, and by a manifest. */
async function apply() {
  const wanted = (colour: string) => ({
    case: "object" as const,
    value: create(ConfigMapSchema, { metadata: { namespace, name: "a" }, data: { colour } }),
  });
  const byMessage = await maps.apply({
    configuration: wanted("red"),
    fieldManager: "shop",
  });
  print(`applied by message: ${byMessage.data.colour} ${byMessage.data.key}`);
  const byText = await maps.apply({
    namespace,
    name: "a",
    configuration: {
      case: "manifest",
      value: "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {colour: blue}}",
    },
    fieldManager: "shop",
    dryRun: true,
  });
  print(`dry run by text: ${byText.data.colour}`);
  print(`kept ${(await maps.get({ namespace, name: "a" })).data.colour}`);
  const taking = { configuration: wanted("green"), fieldManager: "paint" };
  const refused = await refusal(maps.apply(taking));
  print(`refused apply: ${described(refused.code, details(refused))}`);
  for (const { subject, description } of details(refused).preconditions) {
    print(`owned by ${subject}: ${description}`);
  }
  const taken = await maps.apply({ ...taking, force: true });
  print(`applied by force: ${taken.data.colour}`);
}

/** Stops after the first event and goes on from its revision: nothing is lost. */
async function watch() {
  const page = await maps.list({ namespace });
  await createOne("d");
  await watchAll(page.metadata?.resourceVersion ?? "");
  const seen = await follow(page.metadata?.resourceVersion ?? "", 1);
  const changed = await maps.get({ namespace, name: "d" });
  changed.data.key = "changed";
  await maps.update({ object: changed });
  await maps.delete({ namespace, name: "d" });
  await follow(seen, 2);
}

/** Follows all kinds of the namespace in one stream, here up to the first event. */
async function watchAll(resourceVersion: string) {
  for await (const response of createClient(Watches, transport).watch({ namespace, resourceVersion })) {
    for (const { type, object } of response.events) {
      const made = object && anyUnpack(object, ConfigMapSchema);
      if (made) {
        print(`among all kinds: ${EventType[type]} ${made.metadata?.name}`);
      }
    }
    break;
  }
}

async function follow(resourceVersion: string, events: number): Promise<string> {
  for await (const response of maps.watch({ namespace, resourceVersion })) {
    for (const { type, object } of response.events) {
      print(`event ${EventType[type]} ${object?.metadata?.name} ${object?.data.key}`);
      events--;
    }
    resourceVersion = response.resourceVersion;
    if (events <= 0) {
      break;
    }
  }
  return resourceVersion;
}

/** A call has so long; one without a deadline waits as long as it takes. */
async function bounded() {
  const call = watched({ timeoutMs: 300 });
  print(`late: code ${(await refusal(call)).code}`);
}

/** Sends metadata, and reads what the server warns of in the trailers. */
async function warned() {
  const owner = { apiVersion: "v1", kind: "ConfigMap", name: "a", uid: "6f1d3a52-0000-4000-8000-000000000001" };
  const object = { metadata: { namespace, name: "owned", ownerReferences: [owner, owner] } };
  const headers = { "protocube-max-trailers": "16384" };
  const onTrailer = (trailer: Headers) => print(`warned: ${trailer.get("warning")?.split(";")[0]}`);
  await maps.create({ object, dryRun: true }, { headers, onTrailer });
}

/** Ends a call from outside; leaving its loop does so, too. */
async function cancelled() {
  const stopping = new AbortController();
  const call = watched({ signal: stopping.signal });
  stopping.abort();
  print(`cancelled: code ${(await refusal(call)).code}`);
}

/** Watches what does not happen. */
async function watched(options: CallOptions) {
  const request = { namespace, resourceVersion: await now(), fieldSelector: "metadata.name=none" };
  for await (const { events } of maps.watch(request, options)) {
    events.forEach(({ object }) => print(`event ${object?.metadata?.name}`));
  }
}

async function now(): Promise<string> {
  return (await maps.list({ namespace, limit: 1n })).metadata?.resourceVersion ?? "";
}

/** Shows what is wrong with a pod twice: checked here, and by the server. */
async function refused() {
  const pod = create(PodSchema, {
    metadata: { namespace, name: "wrong", labels: { app: "not ok!" } },
    spec: {
      containers: [{ name: "main", ports: [{ containerPort: 99999 }], resources: { limits: { cpu: "lots" } } }],
      restartPolicy: "Sometimes",
    },
  });
  const validator = createValidator({ registry: rulesOf(PodSchema) });
  const checked = validator.validate(PodSchema, pod);
  if (checked.kind === "error") {
    throw checked.error;
  }
  const found = (checked.violations ?? []).flatMap((one) =>
    violationPaths(one).map((path) => `checked ${path}: ${one.ruleId}`),
  );
  found.sort().forEach(print);
  print(`create: ${await told(createClient(Pods, transport).create({ object: pod }))}`);
}

/** Makes several writes in one stream: the one in the middle is refused, and stops no other. */
async function bulk() {
  const map = (name: string) => anyPack(ConfigMapSchema, create(ConfigMapSchema, { metadata: { namespace, name } }));
  const pod = create(PodSchema, { metadata: { namespace, name: "bad" }, spec: { containers: [{ name: "main" }] } });
  const objects = [map("x"), anyPack(PodSchema, pod), map("y")];
  const writes = objects.map((value) => ({ write: { case: "create" as const, value } }));
  const requests = (async function* () {
    yield { writes };
  })();
  for await (const { first, outcomes } of createClient(Bulk, transport).write(requests)) {
    for (const [index, { outcome }] of outcomes.entries()) {
      const said =
        outcome.case === "failure"
          ? described(outcome.value.code, details(outcome.value))
          : `made ${outcome.value?.name}`;
      print(`bulk ${first + BigInt(index)}: ${said}`);
    }
  }
  print(`alone: ${await told(createClient(Pods, transport).create({ object: pod }))}`);
  for (const name of ["x", "y"]) {
    print(`read ${(await maps.get({ namespace, name })).metadata?.name}`);
  }
}

/** Gives the code, reason and violations of a call that fails. */
async function told(call: Promise<unknown>): Promise<string> {
  const error = await refusal(call);
  return described(error.code, details(error));
}

function refusal(call: Promise<unknown>): Promise<ConnectError> {
  return call.then(
    () => {
      throw new Error("it should have failed");
    },
    (error: unknown) => ConnectError.from(error),
  );
}

function described(code: number, { reason, metadata, violations } = details(undefined)): string {
  const lines = violations.map((one) => `\n  ${one.field}: ${one.reason}: ${one.description}`);
  return `code ${code} ${reason} ${metadata.name}${lines.join("")}`;
}

await main();
close();
