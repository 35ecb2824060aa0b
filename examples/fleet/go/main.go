// Orders a machine, and shows what a client meets on the way: go run . HOST:PORT
// Its stubs come from the server: cubectl stubs go gen
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	fleetv1 "example.com/fleet/gen/fleet/v1"
	metav1 "example.com/fleet/gen/protocube/meta/v1"
)

func main() {
	log.SetFlags(0)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	connection, err := grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()))
	check(err)
	defer connection.Close()
	machines := fleetv1.NewMachinesClient(connection)

	fleet, err := machines.List(ctx, &metav1.ListRequest{})
	check(err)
	fmt.Println("there are", len(fleet.Items))

	made, err := machines.Create(ctx, machine("ordered-", 16))
	check(err)
	name := made.Metadata.Name
	fmt.Println("ordered", name)

	// The status is written with what was read; the spec stays as it is.
	booting := proto.Clone(made).(*fleetv1.Machine)
	booting.Status = &fleetv1.MachineStatus{Phase: "Booting"}
	_, err = machines.UpdateStatus(ctx, &fleetv1.UpdateMachineRequest{Object: booting})
	check(err)

	// Since then what was made is old: read it again, and decide anew.
	_, err = machines.Update(ctx, &fleetv1.UpdateMachineRequest{Object: made})
	fmt.Println("stale update:", status.Code(err))

	// Rules hold at once. Each violation has the path of its field.
	_, err = machines.Create(ctx, machine("wrong-", 0))
	fmt.Println("no cores:", status.Code(err))
	for _, detail := range status.Convert(err).Details() {
		if bad, ok := detail.(*errdetails.BadRequest); ok {
			for _, violation := range bad.FieldViolations {
				fmt.Println(" ", violation.Field+":", violation.Description)
			}
		}
	}

	// What happened since the list, and from now on until the watch is cancelled.
	watching, stop := context.WithCancel(ctx)
	defer stop()
	stream, err := machines.Watch(watching, &metav1.WatchRequest{
		ResourceVersion: fleet.Metadata.ResourceVersion,
		FieldSelector:   "metadata.name=" + name,
	})
	check(err)
	for {
		response, err := stream.Recv()
		if err != nil {
			fmt.Println("the watch ended:", status.Code(err))
			return
		}
		for _, event := range response.Events {
			phase := event.Object.GetStatus().GetPhase()
			fmt.Printf("event %v %q\n", event.Type, phase)
			if phase == "Booting" {
				stop()
			}
		}
	}
}

func machine(prefix string, cores int32) *fleetv1.CreateMachineRequest {
	return &fleetv1.CreateMachineRequest{Object: &fleetv1.Machine{
		Metadata: &metav1.ObjectMeta{GenerateName: prefix},
		Spec:     &fleetv1.MachineSpec{Cores: &cores, Rack: "r3"},
	}}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
