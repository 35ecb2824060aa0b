import type { DescMethod, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { CallOptions, Client, Metadata } from "@grpc/grpc-js";

type Request<M extends DescMethod> = MessageInitShape<M["input"]>;
type Response<M extends DescMethod> = MessageShape<M["output"]>;

/** The options of grpc-js, such as `deadline`; metadata to send; and what cancels the call. */
export interface Options extends CallOptions {
  metadata?: Metadata;
  signal?: AbortSignal;
}

/** Calls a unary method: `await unary(client, Pods.method.get, { name: "web" }, { deadline })`. */
export declare function unary<M extends DescMethod>(
  client: Client,
  method: M,
  request: Request<M>,
  options?: Options,
): Promise<Response<M>>;

/** Calls a method that streams; leaving the loop early cancels the call. */
export declare function stream<M extends DescMethod>(
  client: Client,
  method: M,
  request: Request<M>,
  options?: Options,
): AsyncIterable<Response<M>>;

/** Calls a method to which requests are streamed: they wait in memory until the server takes them. */
export declare function exchange<M extends DescMethod>(
  client: Client,
  method: M,
  requests: Iterable<Request<M>>,
  options?: Options,
): AsyncIterable<Response<M>>;
