// Calls of @grpc/grpc-js with the messages of protobuf-es: a service descriptor is all it takes.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";

export function unary(client, method, request, { metadata, signal, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const shown = metadata ? [metadata, options] : [options];
    const call = client.makeUnaryRequest(...of(method), request, ...shown, (error, response) =>
      error ? reject(error) : resolve(response),
    );
    until(call, signal);
  });
}

export function stream(client, method, request, { metadata, signal, ...options } = {}) {
  const shown = metadata ? [metadata, options] : [options];
  return read(client.makeServerStreamRequest(...of(method), request, ...shown), signal);
}

export function exchange(client, method, requests, { metadata, signal, ...options } = {}) {
  const shown = metadata ? [metadata, options] : [options];
  const call = client.makeBidiStreamRequest(...of(method), ...shown);
  for (const request of requests) {
    call.write(request);
  }
  call.end();
  return read(call, signal);
}

function read(call, signal) {
  until(call, signal);
  // A call that is cancelled below reports itself once more, when nobody listens any longer.
  call.on("error", () => undefined);
  return {
    async *[Symbol.asyncIterator]() {
      try {
        yield* call;
      } finally {
        call.cancel();
      }
    },
  };
}

function until(call, signal) {
  if (signal) {
    const cancel = () => call.cancel();
    signal.aborted ? cancel() : signal.addEventListener("abort", cancel, { once: true });
    call.on("status", () => signal.removeEventListener("abort", cancel));
  }
}

function of({ name, parent, input, output }) {
  return [
    `/${parent.typeName}/${name}`,
    (message) => Buffer.from(toBinary(input, create(input, message))),
    (bytes) => fromBinary(output, bytes),
  ];
}
