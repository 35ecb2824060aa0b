// Orders a machine and prints the fleet: go run . HOST:PORT
// Its stubs come from the server: cubectl stubs go gen
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	fleetv1 "example.com/fleet/gen/fleet/v1"
	metav1 "example.com/fleet/gen/protocube/meta/v1"
)

func main() {
	log.SetFlags(0)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	connection, err := grpc.NewClient(os.Args[1], grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		log.Fatal(err)
	}
	defer connection.Close()
	machines := fleetv1.NewMachinesClient(connection)
	cores := int32(16)
	_, err = machines.Create(ctx, &fleetv1.CreateMachineRequest{Object: &fleetv1.Machine{
		Metadata: &metav1.ObjectMeta{Name: "ordered-by-go"},
		Spec:     &fleetv1.MachineSpec{Cores: &cores, Rack: "r3"},
	}})
	if err != nil {
		log.Fatal(err)
	}
	fleet, err := machines.List(ctx, &metav1.ListRequest{})
	if err != nil {
		log.Fatal(err)
	}
	for _, machine := range fleet.Items {
		fmt.Println(machine.Metadata.Name, machine.Spec.GetCores(), machine.GetStatus().GetPhase())
	}
}
