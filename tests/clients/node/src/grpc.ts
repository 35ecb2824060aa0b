// Calls of @grpc/grpc-js with the messages of protobuf-es: a service descriptor is all it takes.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import type { DescMessage, DescMethod, DescService, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import { Client } from "@grpc/grpc-js";

type Request<M extends DescMethod> = MessageInitShape<M["input"]>;
type Response<M extends DescMethod> = MessageShape<M["output"]>;

/** Calls a unary method: `await unary(client, Pods.method.get, { name: "web" })`. */
export function unary<M extends DescMethod>(client: Client, method: M, request: Request<M>): Promise<Response<M>> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(path(method), encode(method.input), decode(method.output), request, (error, response) =>
      error ? reject(error) : resolve(response as Response<M>),
    );
  });
}

/** Calls a method that streams; leaving the loop early cancels the call. */
export function stream<M extends DescMethod>(client: Client, method: M, request: Request<M>): AsyncIterable<Response<M>> {
  const call = client.makeServerStreamRequest(path(method), encode(method.input), decode(method.output), request);
  // The cancelled call reports itself once more; nobody listens any longer.
  call.on("error", () => undefined);
  return {
    async *[Symbol.asyncIterator]() {
      try {
        for await (const response of call) {
          yield response as Response<M>;
        }
      } finally {
        call.cancel();
      }
    },
  };
}

/** Calls a method to which requests are streamed: they wait in memory until the server takes them. */
export function exchange<M extends DescMethod>(
  client: Client,
  method: M,
  requests: Iterable<Request<M>>,
): AsyncIterable<Response<M>> {
  const call = client.makeBidiStreamRequest(path(method), encode(method.input), decode(method.output));
  for (const request of requests) {
    call.write(request);
  }
  call.end();
  return call as AsyncIterable<Response<M>>;
}

function path(method: { name: string; parent: DescService }): string {
  return `/${method.parent.typeName}/${method.name}`;
}

function encode<D extends DescMessage>(schema: D) {
  return (message: MessageInitShape<D>) => Buffer.from(toBinary(schema, create(schema, message)));
}

function decode<D extends DescMessage>(schema: D) {
  return (bytes: Buffer) => fromBinary(schema, bytes);
}
