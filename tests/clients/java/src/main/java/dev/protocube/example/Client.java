package dev.protocube.example;

import build.buf.protovalidate.ValidatorFactory;
import build.buf.protovalidate.Violation;
import com.google.protobuf.Any;
import com.google.protobuf.FieldMask;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import com.google.rpc.PreconditionFailure;
import com.google.rpc.Status;
import dev.protocube.bulk.v1.BulkGrpc;
import dev.protocube.bulk.v1.Failure;
import dev.protocube.bulk.v1.Outcome;
import dev.protocube.bulk.v1.Write;
import dev.protocube.bulk.v1.WriteRequest;
import dev.protocube.bulk.v1.WriteResponse;
import dev.protocube.core.v1.ApplyConfigMapRequest;
import dev.protocube.core.v1.ConfigMap;
import dev.protocube.core.v1.ConfigMapEvent;
import dev.protocube.core.v1.ConfigMapList;
import dev.protocube.core.v1.ConfigMapWatchResponse;
import dev.protocube.core.v1.ConfigMapsGrpc;
import dev.protocube.core.v1.Container;
import dev.protocube.core.v1.ContainerPort;
import dev.protocube.core.v1.CreateConfigMapRequest;
import dev.protocube.core.v1.CreateNamespaceRequest;
import dev.protocube.core.v1.CreatePodRequest;
import dev.protocube.core.v1.Namespace;
import dev.protocube.core.v1.NamespacesGrpc;
import dev.protocube.core.v1.PatchConfigMapRequest;
import dev.protocube.core.v1.Pod;
import dev.protocube.core.v1.PodSpec;
import dev.protocube.core.v1.PodsGrpc;
import dev.protocube.core.v1.ResourceRequirements;
import dev.protocube.core.v1.UpdateConfigMapRequest;
import dev.protocube.meta.v1.DeleteRequest;
import dev.protocube.meta.v1.GetRequest;
import dev.protocube.meta.v1.ListRequest;
import dev.protocube.meta.v1.ObjectMeta;
import dev.protocube.meta.v1.WatchRequest;
import dev.protocube.watch.v1.WatchManyEvent;
import dev.protocube.watch.v1.WatchManyRequest;
import dev.protocube.watch.v1.WatchManyResponse;
import dev.protocube.watch.v1.WatchesGrpc;
import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptors;
import io.grpc.Context;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.MetadataUtils;
import java.io.File;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;

/**
 * Walks the API as a service written in Java would: {@code Client ADDRESS NAMESPACE [CA
 * [TOKEN | CERT KEY]]}.
 *
 * <p>It speaks TLS when CA names the server's authority, and shows a token or a certificate. Its
 * lines are compared with those of the clients in other languages.
 */
public final class Client {
  private final ConfigMapsGrpc.ConfigMapsBlockingStub maps;
  private final NamespacesGrpc.NamespacesBlockingStub namespaces;
  private final PodsGrpc.PodsBlockingStub pods;
  private final WatchesGrpc.WatchesBlockingStub watches;
  private final BulkGrpc.BulkBlockingV2Stub bulk;
  private final String namespace;

  private Client(Channel channel, String namespace) {
    this.maps = ConfigMapsGrpc.newBlockingStub(channel);
    this.namespaces = NamespacesGrpc.newBlockingStub(channel);
    this.pods = PodsGrpc.newBlockingStub(channel);
    this.watches = WatchesGrpc.newBlockingStub(channel);
    this.bulk = BulkGrpc.newBlockingV2Stub(channel);
    this.namespace = namespace;
  }

  public static void main(String[] args) throws Exception {
    ChannelCredentials credentials = InsecureChannelCredentials.create();
    if (args.length > 2) {
      TlsChannelCredentials.Builder tls = TlsChannelCredentials.newBuilder();
      tls.trustManager(new File(args[2]));
      if (args.length > 4) {
        tls.keyManager(new File(args[3]), new File(args[4]));
      }
      credentials = tls.build();
    }
    ManagedChannel channel = Grpc.newChannelBuilder(args[0], credentials).build();
    try {
      new Client(args.length == 4 ? withToken(channel, args[3]) : channel, args[1]).walk();
    } finally {
      channel.shutdownNow();
    }
  }

  private static Channel withToken(Channel channel, String token) {
    Metadata shown = new Metadata();
    shown.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(shown));
  }

  private void walk() throws Exception {
    namespaces.create(
        CreateNamespaceRequest.newBuilder()
            .setObject(
                Namespace.newBuilder().setMetadata(ObjectMeta.newBuilder().setName(namespace)))
            .build());
    for (String name : List.of("a", "b", "c")) {
      create(name);
    }
    list();
    update();
    patch();
    apply();
    watch();
    new Calls(maps, namespace).show();
    refused();
    bulk();
    ConfigMap gone =
        maps.delete(DeleteRequest.newBuilder().setNamespace(namespace).setName("a").build());
    System.out.println("deleted " + gone.getMetadata().getName());
    System.out.println("get: " + told(() -> get("a")));
  }

  private ConfigMap get(String name) {
    return maps.get(GetRequest.newBuilder().setNamespace(namespace).setName(name).build());
  }

  private ConfigMap update(ConfigMap map, String value) {
    return maps.update(
        UpdateConfigMapRequest.newBuilder()
            .setObject(map.toBuilder().putData("key", value))
            .build());
  }

  private void create(String name) {
    ConfigMap made =
        maps.create(
            CreateConfigMapRequest.newBuilder()
                .setObject(
                    ConfigMap.newBuilder()
                        .setMetadata(
                            ObjectMeta.newBuilder().setNamespace(namespace).setName(name))
                        .putData("key", name))
                .build());
    boolean same =
        get(name).getMetadata().getResourceVersion()
            .equals(made.getMetadata().getResourceVersion());
    boolean uid = !made.getMetadata().getUid().isEmpty();
    System.out.println("created " + name + ": uid " + uid + ", read back " + same);
  }

  private void list() {
    ListRequest.Builder request = ListRequest.newBuilder().setNamespace(namespace).setLimit(2);
    do {
      ConfigMapList page = maps.list(request.build());
      System.out.println(
          page.getItemsList().stream()
              .map(item -> item.getMetadata().getName())
              .collect(Collectors.joining(" ", "page ", "")));
      request.setContinueToken(page.getMetadata().getContinueToken());
    } while (!request.getContinueToken().isEmpty());
  }

  private void update() throws Exception {
    ConfigMap stale = get("a");
    update(stale, "first");
    System.out.println("stale update: " + told(() -> update(stale, "second")));
    System.out.println("kept " + get("a").getDataOrThrow("key"));
  }

  /** Changes parts of a map without reading it: by a text, and by the fields of a message. */
  private void patch() throws Exception {
    ConfigMap byText =
        maps.patch(
            PatchConfigMapRequest.newBuilder()
                .setNamespace(namespace)
                .setName("a")
                .setMergePatch("{\"data\": {\"more\": \"yes\"}}")
                .build());
    System.out.println(
        "patched by text: " + byText.getDataOrThrow("key") + " " + byText.getDataOrThrow("more"));
    ConfigMap byFields =
        maps.patch(
            PatchConfigMapRequest.newBuilder()
                .setNamespace(namespace)
                .setName("a")
                .setObject(
                    ConfigMap.newBuilder()
                        .setMetadata(ObjectMeta.newBuilder().putLabels("by", "fields")))
                .setUpdateMask(FieldMask.newBuilder().addPaths("metadata.labels"))
                .build());
    System.out.println(
        "patched by fields: "
            + byFields.getMetadata().getLabelsOrThrow("by")
            + " "
            + byFields.getDataOrThrow("more"));
    // A version in the patch is a condition.
    PatchConfigMapRequest stale =
        PatchConfigMapRequest.newBuilder()
            .setNamespace(namespace)
            .setName("a")
            .setMergePatch("{\"metadata\": {\"resourceVersion\": \"1\"}}")
            .build();
    System.out.println("stale patch: " + told(() -> maps.patch(stale)));
  }

  /** Says what each of two managers wants of a map: by a message, and by a manifest. */
  private void apply() throws Exception {
    ConfigMap.Builder wanted =
        ConfigMap.newBuilder()
            .setMetadata(ObjectMeta.newBuilder().setNamespace(namespace).setName("a"))
            .putData("colour", "red");
    ConfigMap byMessage =
        maps.apply(
            ApplyConfigMapRequest.newBuilder().setObject(wanted).setFieldManager("shop").build());
    System.out.println(
        "applied by message: "
            + byMessage.getDataOrThrow("colour")
            + " "
            + byMessage.getDataOrThrow("key"));
    ConfigMap dryRun =
        maps.apply(
            ApplyConfigMapRequest.newBuilder()
                .setNamespace(namespace)
                .setName("a")
                .setManifest(
                    "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {colour: blue}}")
                .setFieldManager("shop")
                .setDryRun(true)
                .build());
    System.out.println("dry run by text: " + dryRun.getDataOrThrow("colour"));
    System.out.println("kept " + get("a").getDataOrThrow("colour"));
    ApplyConfigMapRequest.Builder taking =
        ApplyConfigMapRequest.newBuilder()
            .setObject(wanted.putData("colour", "green"))
            .setFieldManager("paint");
    Status refused = refusal(() -> maps.apply(taking.build()));
    System.out.println("refused apply: " + described(refused));
    for (Any detail : refused.getDetailsList()) {
      if (detail.is(PreconditionFailure.class)) {
        for (PreconditionFailure.Violation owned :
            detail.unpack(PreconditionFailure.class).getViolationsList()) {
          System.out.println("owned by " + owned.getSubject() + ": " + owned.getDescription());
        }
      }
    }
    ConfigMap taken = maps.apply(taking.setForce(true).build());
    System.out.println("applied by force: " + taken.getDataOrThrow("colour"));
  }

  /** Stops after the first event and goes on from its revision: nothing is lost. */
  private void watch() throws Exception {
    ConfigMapList page = maps.list(ListRequest.newBuilder().setNamespace(namespace).build());
    create("d");
    String before = page.getMetadata().getResourceVersion();
    cancelled(() -> watchAll(before));
    String seen = cancelled(() -> follow(before, 1));
    update(get("d"), "changed");
    maps.delete(DeleteRequest.newBuilder().setNamespace(namespace).setName("d").build());
    cancelled(() -> follow(seen, 2));
  }

  /** Ends the calls that an action leaves open; an iterator alone cannot. */
  private static <T> T cancelled(Callable<T> action) throws Exception {
    Context.CancellableContext context = Context.current().withCancellation();
    try {
      return context.call(action);
    } finally {
      context.cancel(null);
    }
  }

  /** Follows all kinds of the namespace in one stream, here up to the first event. */
  private String watchAll(String after) throws InvalidProtocolBufferException {
    WatchManyRequest request =
        WatchManyRequest.newBuilder().setNamespace(namespace).setResourceVersion(after).build();
    WatchManyResponse response = watches.watch(request).next();
    for (WatchManyEvent event : response.getEventsList()) {
      if (event.getObject().is(ConfigMap.class)) {
        ConfigMap made = event.getObject().unpack(ConfigMap.class);
        String type = event.getType().name().replace("EVENT_TYPE_", "");
        System.out.println("among all kinds: " + type + " " + made.getMetadata().getName());
      }
    }
    return response.getResourceVersion();
  }

  private String follow(String after, int events) {
    WatchRequest request =
        WatchRequest.newBuilder().setNamespace(namespace).setResourceVersion(after).build();
    String seen = after;
    for (Iterator<ConfigMapWatchResponse> stream = maps.watch(request); events > 0; ) {
      ConfigMapWatchResponse response = stream.next();
      for (ConfigMapEvent event : response.getEventsList()) {
        String type = event.getType().name().replace("EVENT_TYPE_", "");
        String name = event.getObject().getMetadata().getName();
        String value = event.getObject().getDataOrThrow("key");
        System.out.println("event " + type + " " + name + " " + value);
        events--;
      }
      seen = response.getResourceVersion();
    }
    return seen;
  }

  /** Shows what is wrong with a pod twice: checked here, and by the server. */
  private void refused() throws Exception {
    Pod pod =
        Pod.newBuilder()
            .setMetadata(
                ObjectMeta.newBuilder()
                    .setNamespace(namespace)
                    .setName("wrong")
                    .putLabels("app", "not ok!"))
            .setSpec(
                PodSpec.newBuilder()
                    .addContainers(
                        Container.newBuilder()
                            .setName("main")
                            .addPorts(ContainerPort.newBuilder().setContainerPort(99999))
                            .setResources(
                                ResourceRequirements.newBuilder().putLimits("cpu", "lots")))
                    .setRestartPolicy("Sometimes"))
            .build();
    ValidatorFactory.newBuilder().build().validate(pod).getViolations().stream()
        .map(Violation::toProto)
        .flatMap(
            one ->
                Violations.paths(pod.getDescriptorForType(), one).stream()
                    .map(path -> "checked " + path + ": " + one.getRuleId()))
        .sorted()
        .forEach(System.out::println);
    System.out.println(
        "create: "
            + told(() -> pods.create(CreatePodRequest.newBuilder().setObject(pod).build())));
  }

  /** Makes several writes in one stream: the one in the middle is refused, and stops no other. */
  private void bulk() throws Exception {
    Pod pod =
        Pod.newBuilder()
            .setMetadata(named("bad"))
            .setSpec(PodSpec.newBuilder().addContainers(Container.newBuilder().setName("main")))
            .build();
    WriteRequest.Builder request = WriteRequest.newBuilder();
    for (Message object :
        List.of(
            ConfigMap.newBuilder().setMetadata(named("x")).build(),
            pod,
            ConfigMap.newBuilder().setMetadata(named("y")).build())) {
      request.addWrites(Write.newBuilder().setCreate(Any.pack(object)));
    }
    BlockingClientCall<WriteRequest, WriteResponse> stream = bulk.write();
    stream.write(request.build());
    stream.halfClose();
    for (WriteResponse response = stream.read(); response != null; response = stream.read()) {
      long number = response.getFirst();
      for (Outcome outcome : response.getOutcomesList()) {
        String said = "made " + outcome.getWritten().getName();
        if (outcome.hasFailure()) {
          Failure failure = outcome.getFailure();
          said =
              described(
                  Status.newBuilder()
                      .setCode(failure.getCode())
                      .addAllDetails(failure.getDetailsList())
                      .build());
        }
        System.out.println("bulk " + number++ + ": " + said);
      }
    }
    System.out.println(
        "alone: " + told(() -> pods.create(CreatePodRequest.newBuilder().setObject(pod).build())));
    for (String name : List.of("x", "y")) {
      System.out.println("read " + get(name).getMetadata().getName());
    }
  }

  private ObjectMeta named(String name) {
    return ObjectMeta.newBuilder().setNamespace(namespace).setName(name).build();
  }

  /** Gives the code, reason and violations of a call that fails. */
  private static String told(Runnable call) throws InvalidProtocolBufferException {
    return described(refusal(call));
  }

  private static Status refusal(Runnable call) {
    try {
      call.run();
    } catch (StatusRuntimeException error) {
      return StatusProto.fromThrowable(error);
    }
    throw new AssertionError("it should have failed");
  }

  private static String described(Status status) throws InvalidProtocolBufferException {
    StringBuilder text = new StringBuilder("code " + status.getCode());
    for (Any detail : status.getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        ErrorInfo info = detail.unpack(ErrorInfo.class);
        text.append(" " + info.getReason() + " " + info.getMetadataOrThrow("name"));
      } else if (detail.is(BadRequest.class)) {
        for (BadRequest.FieldViolation one :
            detail.unpack(BadRequest.class).getFieldViolationsList()) {
          text.append(
              "\n  " + one.getField() + ": " + one.getReason() + ": " + one.getDescription());
        }
      }
    }
    return text.toString();
  }
}
