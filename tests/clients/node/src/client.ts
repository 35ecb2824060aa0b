// Walks the API as a service written in TypeScript would:
// node client.js ADDRESS NAMESPACE [CA [TOKEN | CERT KEY]]. It speaks TLS when CA names the server's
// authority, and shows a token or a certificate. Its lines are compared with those
// of the clients in other languages.
import { readFileSync } from "node:fs";
import { create } from "@bufbuild/protobuf";
import { pathToString } from "@bufbuild/protobuf/reflect";
import { anyPack, anyUnpack } from "@bufbuild/protobuf/wkt";
import { createValidator } from "@bufbuild/protovalidate";
import { type ChannelCredentials, Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { Bulk } from "./gen/protocube/bulk/v1/bulk_pb.js";
import { ConfigMapSchema } from "./gen/protocube/core/v1/config_map_pb.js";
import { ConfigMaps } from "./gen/protocube/core/v1/config_map_service_pb.js";
import { Namespaces } from "./gen/protocube/core/v1/namespace_service_pb.js";
import { PodSchema } from "./gen/protocube/core/v1/pod_pb.js";
import { Pods } from "./gen/protocube/core/v1/pod_service_pb.js";
import { EventType } from "./gen/protocube/meta/v1/requests_pb.js";
import { Watches } from "./gen/protocube/watch/v1/watches_pb.js";
import { type Details, details, read } from "./errors.js";
import { exchange, stream, unary } from "./grpc.js";
import { rulesOf } from "./rules.js";

const [address, namespace, ...secured] = process.argv.slice(2) as [string, string, ...string[]];
const client = new Client(address, shown(secured));
const print = (line: string) => console.log(line);

function shown([authority, one, key]: string[]): ChannelCredentials {
  if (!authority) {
    return credentials.createInsecure();
  }
  const trusted = readFileSync(authority);
  if (one && key) {
    return credentials.createSsl(trusted, readFileSync(key), readFileSync(one));
  }
  return one ? withToken(trusted, one) : credentials.createSsl(trusted);
}

function withToken(trusted: Buffer, token: string): ChannelCredentials {
  const bearer = credentials.createFromMetadataGenerator((_, done) => {
    const metadata = new Metadata();
    metadata.set("authorization", `Bearer ${token}`);
    done(null, metadata);
  });
  return credentials.combineChannelCredentials(credentials.createSsl(trusted), bearer);
}

async function main() {
  await unary(client, Namespaces.method.create, { object: { metadata: { name: namespace } } });
  for (const name of ["a", "b", "c"]) {
    await createOne(name);
  }
  await list();
  await update();
  await patch();
  await apply();
  await watch();
  await refused();
  await bulk();
  const gone = await unary(client, ConfigMaps.method.delete, { namespace, name: "a" });
  print(`deleted ${gone.metadata?.name}`);
  print(`get: ${await told(unary(client, ConfigMaps.method.get, { namespace, name: "a" }))}`);
}

async function createOne(name: string) {
  const made = await unary(client, ConfigMaps.method.create, {
    object: { metadata: { namespace, name }, data: { key: name } },
  });
  const got = await unary(client, ConfigMaps.method.get, { namespace, name });
  const same = got.metadata?.resourceVersion === made.metadata?.resourceVersion;
  print(`created ${name}: uid ${made.metadata?.uid !== ""}, read back ${same}`);
}

async function list() {
  let continueToken = "";
  do {
    const page = await unary(client, ConfigMaps.method.list, { namespace, limit: 2n, continueToken });
    print(`page ${page.items.map((item) => item.metadata?.name).join(" ")}`);
    continueToken = page.metadata?.continueToken ?? "";
  } while (continueToken);
}

async function update() {
  const stale = await unary(client, ConfigMaps.method.get, { namespace, name: "a" });
  stale.data = { key: "first" };
  await unary(client, ConfigMaps.method.update, { object: stale });
  stale.data = { key: "second" };
  print(`stale update: ${await told(unary(client, ConfigMaps.method.update, { object: stale }))}`);
  const fresh = await unary(client, ConfigMaps.method.get, { namespace, name: "a" });
  print(`kept ${fresh.data.key}`);
}

/** Changes parts of a map without reading it: by a text, and by the fields of a message. */
async function patch() {
  const one = { namespace, name: "a" };
  const byText = await unary(client, ConfigMaps.method.patch, {
    ...one,
    patch: { case: "mergePatch", value: JSON.stringify({ data: { more: "yes" } }) },
  });
  print(`patched by text: ${byText.data.key} ${byText.data.more}`);
  const byFields = await unary(client, ConfigMaps.method.patch, {
    ...one,
    patch: { case: "object", value: create(ConfigMapSchema, { metadata: { labels: { by: "fields" } } }) },
    updateMask: { paths: ["metadata.labels"] },
  });
  print(`patched by fields: ${byFields.metadata?.labels.by} ${byFields.data.more}`);
  // A version in the patch is a condition.
  const stale = JSON.stringify({ metadata: { resourceVersion: "1" } });
  const call = unary(client, ConfigMaps.method.patch, { ...one, patch: { case: "mergePatch", value: stale } });
  print(`stale patch: ${await told(call)}`);
}

/** Says what each of two managers wants of a map: by a message, and by a manifest. */
async function apply() {
  const wanted = (colour: string) => ({
    case: "object" as const,
    value: create(ConfigMapSchema, { metadata: { namespace, name: "a" }, data: { colour } }),
  });
  const byMessage = await unary(client, ConfigMaps.method.apply, {
    configuration: wanted("red"),
    fieldManager: "shop",
  });
  print(`applied by message: ${byMessage.data.colour} ${byMessage.data.key}`);
  const byText = await unary(client, ConfigMaps.method.apply, {
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
  print(`kept ${(await unary(client, ConfigMaps.method.get, { namespace, name: "a" })).data.colour}`);
  const taking = { configuration: wanted("green"), fieldManager: "paint" };
  const refused = await refusal(unary(client, ConfigMaps.method.apply, taking));
  print(`refused apply: ${described(refused.code, details(refused))}`);
  for (const { subject, description } of details(refused).preconditions) {
    print(`owned by ${subject}: ${description}`);
  }
  const taken = await unary(client, ConfigMaps.method.apply, { ...taking, force: true });
  print(`applied by force: ${taken.data.colour}`);
}

/** Stops after the first event and goes on from its revision: nothing is lost. */
async function watch() {
  const page = await unary(client, ConfigMaps.method.list, { namespace });
  await createOne("d");
  await watchAll(page.metadata?.resourceVersion ?? "");
  const seen = await follow(page.metadata?.resourceVersion ?? "", 1);
  const changed = await unary(client, ConfigMaps.method.get, { namespace, name: "d" });
  changed.data.key = "changed";
  await unary(client, ConfigMaps.method.update, { object: changed });
  await unary(client, ConfigMaps.method.delete, { namespace, name: "d" });
  await follow(seen, 2);
}

/** Follows all kinds of the namespace in one stream, here up to the first event. */
async function watchAll(resourceVersion: string) {
  for await (const response of stream(client, Watches.method.watch, { namespace, resourceVersion })) {
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
  for await (const response of stream(client, ConfigMaps.method.watch, { namespace, resourceVersion })) {
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
  for (const line of (checked.violations ?? []).map((one) => `checked ${pathToString(one.field)}: ${one.ruleId}`).sort()) {
    print(line);
  }
  print(`create: ${await told(unary(client, Pods.method.create, { object: pod }))}`);
}

/** Makes several writes in one stream: the one in the middle is refused, and stops no other. */
async function bulk() {
  const map = (name: string) => anyPack(ConfigMapSchema, create(ConfigMapSchema, { metadata: { namespace, name } }));
  const pod = create(PodSchema, { metadata: { namespace, name: "bad" }, spec: { containers: [{ name: "main" }] } });
  const objects = [map("x"), anyPack(PodSchema, pod), map("y")];
  const writes = objects.map((value) => ({ write: { case: "create" as const, value } }));
  for await (const { first, outcomes } of exchange(client, Bulk.method.write, [{ writes }])) {
    for (const [index, { outcome }] of outcomes.entries()) {
      const said =
        outcome.case === "failure"
          ? described(outcome.value.code, read(outcome.value.details))
          : `made ${outcome.value?.name}`;
      print(`bulk ${first + BigInt(index)}: ${said}`);
    }
  }
}

/** Gives the code, reason and violations of a call that fails. */
async function told(call: Promise<unknown>): Promise<string> {
  const error = await refusal(call);
  return described(error.code, details(error));
}

function refusal(call: Promise<unknown>): Promise<ServiceError> {
  return call.then(
    () => {
      throw new Error("it should have failed");
    },
    (error: ServiceError) => error,
  );
}

function described(code: number, { reason, metadata, violations }: Details): string {
  const lines = violations.map((one) => `\n  ${one.field}: ${one.reason}: ${one.description}`);
  return `code ${code} ${reason} ${metadata.name}${lines.join("")}`;
}

await main();
client.close();
