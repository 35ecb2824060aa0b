// Walks the API as a service written in Go would: client ADDRESS NAMESPACE [CA [TOKEN | CERT KEY]].
// It speaks TLS when CA names the server's authority, and shows a token or a certificate. Its lines are compared with those
// of the clients in other languages.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"slices"
	"strings"
	"time"

	"buf.build/go/protovalidate"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"

	bulkv1 "protocube.example/client/gen/protocube/bulk/v1"
	corev1 "protocube.example/client/gen/protocube/core/v1"
	metav1 "protocube.example/client/gen/protocube/meta/v1"
	watchv1 "protocube.example/client/gen/protocube/watch/v1"
	"protocube.example/client/violations"
)

func main() {
	log.SetFlags(0)
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	connection, err := connect(os.Args[1], os.Args[3:])
	check(err)
	defer connection.Close()
	namespace := os.Args[2]
	_, err = corev1.NewNamespacesClient(connection).Create(ctx, &corev1.CreateNamespaceRequest{
		Object: &corev1.Namespace{Metadata: &metav1.ObjectMeta{Name: namespace}},
	})
	check(err)

	maps := corev1.NewConfigMapsClient(connection)
	for _, name := range []string{"a", "b", "c"} {
		create(ctx, maps, namespace, name)
	}
	list(ctx, maps, namespace)
	update(ctx, maps, namespace)
	patch(ctx, maps, namespace)
	apply(ctx, maps, namespace)
	watch(ctx, connection, namespace)
	bounded(ctx, maps, namespace)
	warned(ctx, maps, namespace)
	cancelled(ctx, maps, namespace)
	refused(ctx, corev1.NewPodsClient(connection), namespace)
	bulk(ctx, connection, namespace)

	gone, err := maps.Delete(ctx, &metav1.DeleteRequest{Namespace: namespace, Name: "a"})
	check(err)
	fmt.Printf("deleted %s\n", gone.GetMetadata().GetName())
	_, err = maps.Get(ctx, &metav1.GetRequest{Namespace: namespace, Name: "a"})
	fmt.Printf("get: %s\n", told(err))
}

func create(ctx context.Context, maps corev1.ConfigMapsClient, namespace, name string) {
	made, err := maps.Create(ctx, &corev1.CreateConfigMapRequest{Object: &corev1.ConfigMap{
		Metadata: &metav1.ObjectMeta{Namespace: namespace, Name: name},
		Data:     map[string]string{"key": name},
	}})
	check(err)
	got, err := maps.Get(ctx, &metav1.GetRequest{Namespace: namespace, Name: name})
	check(err)
	same := got.GetMetadata().GetResourceVersion() == made.GetMetadata().GetResourceVersion()
	fmt.Printf("created %s: uid %t, read back %t\n", name, made.GetMetadata().GetUid() != "", same)
}

func list(ctx context.Context, maps corev1.ConfigMapsClient, namespace string) {
	request := &metav1.ListRequest{Namespace: namespace, Limit: 2}
	for {
		page, err := maps.List(ctx, request)
		check(err)
		var names []string
		for _, item := range page.GetItems() {
			names = append(names, item.GetMetadata().GetName())
		}
		fmt.Printf("page %s\n", strings.Join(names, " "))
		request.ContinueToken = page.GetMetadata().GetContinueToken()
		if request.ContinueToken == "" {
			return
		}
	}
}

func update(ctx context.Context, maps corev1.ConfigMapsClient, namespace string) {
	stale, err := maps.Get(ctx, &metav1.GetRequest{Namespace: namespace, Name: "a"})
	check(err)
	stale.Data = map[string]string{"key": "first"}
	_, err = maps.Update(ctx, &corev1.UpdateConfigMapRequest{Object: stale})
	check(err)
	stale.Data = map[string]string{"key": "second"}
	_, err = maps.Update(ctx, &corev1.UpdateConfigMapRequest{Object: stale})
	fmt.Printf("stale update: %s\n", told(err))
	fresh, err := maps.Get(ctx, &metav1.GetRequest{Namespace: namespace, Name: "a"})
	check(err)
	fmt.Printf("kept %s\n", fresh.GetData()["key"])
}

// patch changes parts of a map without reading it: by a text, and by the fields of a message.
func patch(ctx context.Context, maps corev1.ConfigMapsClient, namespace string) {
	patched, err := maps.Patch(ctx, &corev1.PatchConfigMapRequest{
		Namespace: namespace,
		Name:      "a",
		Patch:     &corev1.PatchConfigMapRequest_MergePatch{MergePatch: `{"data": {"more": "yes"}}`},
	})
	check(err)
	fmt.Printf("patched by text: %s %s\n", patched.GetData()["key"], patched.GetData()["more"])
	patched, err = maps.Patch(ctx, &corev1.PatchConfigMapRequest{
		Namespace: namespace,
		Name:      "a",
		Patch: &corev1.PatchConfigMapRequest_Object{Object: &corev1.ConfigMap{
			Metadata: &metav1.ObjectMeta{Labels: map[string]string{"by": "fields"}},
		}},
		UpdateMask: &fieldmaskpb.FieldMask{Paths: []string{"metadata.labels"}},
	})
	check(err)
	fmt.Printf("patched by fields: %s %s\n", patched.GetMetadata().GetLabels()["by"], patched.GetData()["more"])
	// A version in the patch is a condition.
	_, err = maps.Patch(ctx, &corev1.PatchConfigMapRequest{
		Namespace: namespace,
		Name:      "a",
		Patch:     &corev1.PatchConfigMapRequest_MergePatch{MergePatch: `{"metadata": {"resourceVersion": "1"}}`},
	})
	fmt.Printf("stale patch: %s\n", told(err))
}

// apply says what each of two managers wants of a map: by a message, and by a manifest.
func apply(ctx context.Context, maps corev1.ConfigMapsClient, namespace string) {
	wanted := func(colour string) *corev1.ApplyConfigMapRequest_Object {
		return &corev1.ApplyConfigMapRequest_Object{Object: &corev1.ConfigMap{
			Metadata: &metav1.ObjectMeta{Namespace: namespace, Name: "a"},
			Data:     map[string]string{"colour": colour},
		}}
	}
	applied, err := maps.Apply(ctx, &corev1.ApplyConfigMapRequest{
		Configuration: wanted("red"),
		FieldManager:  "shop",
	})
	check(err)
	fmt.Printf("applied by message: %s %s\n", applied.GetData()["colour"], applied.GetData()["key"])
	applied, err = maps.Apply(ctx, &corev1.ApplyConfigMapRequest{
		Namespace: namespace,
		Name:      "a",
		Configuration: &corev1.ApplyConfigMapRequest_Manifest{
			Manifest: "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {colour: blue}}",
		},
		FieldManager: "shop",
		DryRun:       true,
	})
	check(err)
	fmt.Printf("dry run by text: %s\n", applied.GetData()["colour"])
	got, err := maps.Get(ctx, &metav1.GetRequest{Namespace: namespace, Name: "a"})
	check(err)
	fmt.Printf("kept %s\n", got.GetData()["colour"])
	taking := &corev1.ApplyConfigMapRequest{Configuration: wanted("green"), FieldManager: "paint"}
	_, err = maps.Apply(ctx, taking)
	fmt.Printf("refused apply: %s\n", told(err))
	for _, detail := range status.Convert(err).Details() {
		if failure, ok := detail.(*errdetails.PreconditionFailure); ok {
			for _, owned := range failure.GetViolations() {
				fmt.Printf("owned by %s: %s\n", owned.GetSubject(), owned.GetDescription())
			}
		}
	}
	taking.Force = true
	applied, err = maps.Apply(ctx, taking)
	check(err)
	fmt.Printf("applied by force: %s\n", applied.GetData()["colour"])
}

// watch stops after the first event and goes on from its revision: nothing is lost.
func watch(ctx context.Context, connection *grpc.ClientConn, namespace string) {
	maps := corev1.NewConfigMapsClient(connection)
	page, err := maps.List(ctx, &metav1.ListRequest{Namespace: namespace})
	check(err)
	create(ctx, maps, namespace, "d")
	watchAll(ctx, connection, namespace, page.GetMetadata().GetResourceVersion())
	seen := follow(ctx, maps, namespace, page.GetMetadata().GetResourceVersion(), 1)
	changed, err := maps.Get(ctx, &metav1.GetRequest{Namespace: namespace, Name: "d"})
	check(err)
	changed.Data["key"] = "changed"
	_, err = maps.Update(ctx, &corev1.UpdateConfigMapRequest{Object: changed})
	check(err)
	_, err = maps.Delete(ctx, &metav1.DeleteRequest{Namespace: namespace, Name: "d"})
	check(err)
	follow(ctx, maps, namespace, seen, 2)
}

// watchAll follows all kinds of a namespace in one stream, here up to the first event.
func watchAll(ctx context.Context, connection *grpc.ClientConn, namespace, after string) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := watchv1.NewWatchesClient(connection).Watch(ctx, &watchv1.WatchManyRequest{
		Namespace:       namespace,
		ResourceVersion: after,
	})
	check(err)
	response, err := stream.Recv()
	check(err)
	for _, event := range response.GetEvents() {
		object, err := event.GetObject().UnmarshalNew()
		check(err)
		if made, ok := object.(*corev1.ConfigMap); ok {
			kind := strings.TrimPrefix(event.GetType().String(), "EVENT_TYPE_")
			fmt.Printf("among all kinds: %s %s\n", kind, made.GetMetadata().GetName())
		}
	}
}

func follow(ctx context.Context, maps corev1.ConfigMapsClient, namespace, after string, events int) string {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := maps.Watch(ctx, &metav1.WatchRequest{Namespace: namespace, ResourceVersion: after})
	check(err)
	for events > 0 {
		response, err := stream.Recv()
		check(err)
		for _, event := range response.GetEvents() {
			kind := strings.TrimPrefix(event.GetType().String(), "EVENT_TYPE_")
			fmt.Printf("event %s %s %s\n", kind, event.GetObject().GetMetadata().GetName(), event.GetObject().GetData()["key"])
			events--
		}
		after = response.GetResourceVersion()
	}
	return after
}

// bounded gives a call so long; one without a deadline waits as long as it takes.
func bounded(ctx context.Context, maps corev1.ConfigMapsClient, namespace string) {
	ctx, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	fmt.Printf("late: code %d\n", status.Code(watchNothing(ctx, maps, namespace)))
}

// warned sends metadata, and reads what the server warns of in the trailers.
func warned(ctx context.Context, maps corev1.ConfigMapsClient, namespace string) {
	owner := &metav1.OwnerReference{
		ApiVersion: "v1", Kind: "ConfigMap", Name: "a", Uid: "6f1d3a52-0000-4000-8000-000000000001",
	}
	ctx = metadata.AppendToOutgoingContext(ctx, "protocube-max-trailers", "16384")
	var trailer metadata.MD
	_, err := maps.Create(ctx, &corev1.CreateConfigMapRequest{
		Object: &corev1.ConfigMap{Metadata: &metav1.ObjectMeta{
			Namespace:       namespace,
			Name:            "owned",
			OwnerReferences: []*metav1.OwnerReference{owner, owner},
		}},
		DryRun: true,
	}, grpc.Trailer(&trailer))
	check(err)
	for _, warning := range trailer.Get("warning") {
		text, _, _ := strings.Cut(warning, ";")
		fmt.Printf("warned: %s\n", text)
	}
}

// cancelled ends a call from outside; so does the end of any context that it has.
func cancelled(ctx context.Context, maps corev1.ConfigMapsClient, namespace string) {
	ctx, cancel := context.WithCancel(ctx)
	time.AfterFunc(100*time.Millisecond, cancel)
	fmt.Printf("cancelled: code %d\n", status.Code(watchNothing(ctx, maps, namespace)))
}

// watchNothing watches what does not happen, until the call ends.
func watchNothing(ctx context.Context, maps corev1.ConfigMapsClient, namespace string) error {
	stream, err := maps.Watch(ctx, &metav1.WatchRequest{
		Namespace: namespace, FieldSelector: "metadata.name=none",
	})
	for err == nil {
		_, err = stream.Recv()
	}
	return err
}

// refused shows what is wrong with a pod twice: checked here, and by the server.
func refused(ctx context.Context, pods corev1.PodsClient, namespace string) {
	pod := &corev1.Pod{
		Metadata: &metav1.ObjectMeta{
			Namespace: namespace,
			Name:      "wrong",
			Labels:    map[string]string{"app": "not ok!"},
		},
		Spec: &corev1.PodSpec{
			Containers: []*corev1.Container{{
				Name:      "main",
				Ports:     []*corev1.ContainerPort{{ContainerPort: 99999}},
				Resources: &corev1.ResourceRequirements{Limits: map[string]string{"cpu": "lots"}},
			}},
			RestartPolicy: "Sometimes",
		},
	}
	var invalid *protovalidate.ValidationError
	if errors.As(protovalidate.Validate(pod), &invalid) {
		var lines []string
		for _, violation := range invalid.Violations {
			for _, path := range violations.Paths(pod.ProtoReflect().Descriptor(), violation.Proto) {
				lines = append(lines, fmt.Sprintf("checked %s: %s", path, violation.Proto.GetRuleId()))
			}
		}
		slices.Sort(lines)
		fmt.Println(strings.Join(lines, "\n"))
	}
	_, err := pods.Create(ctx, &corev1.CreatePodRequest{Object: pod})
	fmt.Printf("create: %s\n", told(err))
}

// bulk makes several writes in one stream: the one in the middle is refused, and stops no other.
func bulk(ctx context.Context, connection *grpc.ClientConn, namespace string) {
	named := func(name string) *metav1.ObjectMeta { return &metav1.ObjectMeta{Namespace: namespace, Name: name} }
	bad := &corev1.Pod{Metadata: named("bad"), Spec: &corev1.PodSpec{Containers: []*corev1.Container{{Name: "main"}}}}
	var writes []*bulkv1.Write
	for _, object := range []proto.Message{
		&corev1.ConfigMap{Metadata: named("x")}, bad, &corev1.ConfigMap{Metadata: named("y")},
	} {
		packed, err := anypb.New(object)
		check(err)
		writes = append(writes, &bulkv1.Write{Write: &bulkv1.Write_Create{Create: packed}})
	}
	stream, err := bulkv1.NewBulkClient(connection).Write(ctx)
	check(err)
	check(stream.Send(&bulkv1.WriteRequest{Writes: writes}))
	check(stream.CloseSend())
	var refused *rpcstatus.Status
	for {
		response, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			break
		}
		check(err)
		for index, outcome := range response.GetOutcomes() {
			said := "made " + outcome.GetWritten().GetName()
			if failure := outcome.GetFailure(); failure != nil {
				refused = &rpcstatus.Status{
					Code: failure.GetCode(), Message: failure.GetMessage(), Details: failure.GetDetails(),
				}
				said = told(status.ErrorProto(refused))
			}
			fmt.Printf("bulk %d: %s\n", response.GetFirst()+int64(index), said)
		}
	}
	_, err = corev1.NewPodsClient(connection).Create(ctx, &corev1.CreatePodRequest{Object: bad})
	fmt.Printf("alone: %s\n", told(err))
	if !proto.Equal(status.Convert(err).Proto(), refused) {
		log.Fatalf("in a stream it is refused otherwise: %v", refused)
	}
	for _, name := range []string{"x", "y"} {
		_, err = corev1.NewConfigMapsClient(connection).Get(ctx, &metav1.GetRequest{Namespace: namespace, Name: name})
		check(err)
		fmt.Printf("read %s\n", name)
	}
}

// told gives the code, reason and violations of an error.
func told(err error) string {
	failed := status.Convert(err)
	text := fmt.Sprintf("code %d", failed.Code())
	for _, detail := range failed.Details() {
		switch detail := detail.(type) {
		case *errdetails.ErrorInfo:
			text += fmt.Sprintf(" %s %s", detail.GetReason(), detail.GetMetadata()["name"])
		case *errdetails.BadRequest:
			for _, violation := range detail.GetFieldViolations() {
				text += fmt.Sprintf("\n  %s: %s: %s", violation.GetField(), violation.GetReason(), violation.GetDescription())
			}
		}
	}
	return text
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
