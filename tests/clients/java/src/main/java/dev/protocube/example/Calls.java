package dev.protocube.example;

import dev.protocube.core.v1.ConfigMap;
import dev.protocube.core.v1.ConfigMapWatchResponse;
import dev.protocube.core.v1.ConfigMapsGrpc;
import dev.protocube.core.v1.CreateConfigMapRequest;
import dev.protocube.meta.v1.ObjectMeta;
import dev.protocube.meta.v1.OwnerReference;
import dev.protocube.meta.v1.WatchRequest;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import java.util.Iterator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Deadlines, metadata and cancellation. */
final class Calls {
  private static final Metadata.Key<String> ROOM =
      Metadata.Key.of("protocube-max-trailers", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> WARNING =
      Metadata.Key.of("warning", Metadata.ASCII_STRING_MARSHALLER);

  private final ConfigMapsGrpc.ConfigMapsBlockingStub maps;
  private final String namespace;

  Calls(ConfigMapsGrpc.ConfigMapsBlockingStub maps, String namespace) {
    this.maps = maps;
    this.namespace = namespace;
  }

  void show() throws Exception {
    bounded();
    warned();
    cancelled();
  }

  /** A call has so long; one without a deadline waits as long as it takes. */
  private void bounded() {
    System.out.println(
        "late: code " + ended(nothing(maps.withDeadlineAfter(300, TimeUnit.MILLISECONDS))));
  }

  /** Sends metadata, and reads what the server warns of in the trailers. */
  private void warned() {
    Metadata sent = new Metadata();
    sent.put(ROOM, "16384");
    AtomicReference<Metadata> headers = new AtomicReference<>();
    AtomicReference<Metadata> trailers = new AtomicReference<>();
    OwnerReference owner =
        OwnerReference.newBuilder()
            .setApiVersion("v1")
            .setKind("ConfigMap")
            .setName("a")
            .setUid("6f1d3a52-0000-4000-8000-000000000001")
            .build();
    ObjectMeta.Builder metadata =
        ObjectMeta.newBuilder()
            .setNamespace(namespace)
            .setName("owned")
            .addOwnerReferences(owner)
            .addOwnerReferences(owner);
    maps.withInterceptors(
            MetadataUtils.newAttachHeadersInterceptor(sent),
            MetadataUtils.newCaptureMetadataInterceptor(headers, trailers))
        .create(
            CreateConfigMapRequest.newBuilder()
                .setObject(ConfigMap.newBuilder().setMetadata(metadata))
                .setDryRun(true)
                .build());
    for (String warning : trailers.get().getAll(WARNING)) {
      System.out.println("warned: " + warning.split(";")[0]);
    }
  }

  /** Ends a call from outside: what runs in a context is cancelled with it. */
  private void cancelled() throws Exception {
    Context.CancellableContext context = Context.current().withCancellation();
    Iterator<ConfigMapWatchResponse> stream = context.call(() -> nothing(maps));
    context.cancel(null);
    System.out.println("cancelled: code " + ended(stream));
  }

  /** Watches what does not happen. */
  private Iterator<ConfigMapWatchResponse> nothing(ConfigMapsGrpc.ConfigMapsBlockingStub stub) {
    return stub.watch(
        WatchRequest.newBuilder()
            .setNamespace(namespace)
            .setFieldSelector("metadata.name=none")
            .build());
  }

  private static int ended(Iterator<ConfigMapWatchResponse> stream) {
    try {
      stream.forEachRemaining(response -> {});
    } catch (StatusRuntimeException error) {
      return error.getStatus().getCode().value();
    }
    return 0;
  }
}
