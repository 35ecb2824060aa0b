package main

import (
	"context"
	"fmt"
	"strconv"

	"google.golang.org/protobuf/encoding/protowire"
)

// The fields of requests that change an object, and what they change of it.
const (
	updateObject = 1

	patchName, patchNamespace, patchMerge = 1, 2, 4

	applyName, applyNamespace, applyObject, applyManager = 1, 2, 3, 5

	metadataNamespace, metadataAnnotations = 3, 12
	entryKey, entryValue                   = 1, 2
)

// manager is who changes the objects.
const manager = "bench"

// changer is a target whose objects can be changed: each call gives an annotation the value
// of its turn, so that there is something to write.
type changer interface {
	update(ctx context.Context, name, turn string) error
	patch(ctx context.Context, name, turn string) error
	apply(ctx context.Context, name, turn string) error
}

func update(ctx context.Context, s *settings) (any, error) { return change(ctx, s, changer.update) }

func patch(ctx context.Context, s *settings) (any, error) { return change(ctx, s, changer.patch) }

func apply(ctx context.Context, s *settings) (any, error) { return change(ctx, s, changer.apply) }

// change has the workers change what "create -count N" made. No two are at the same object, so
// that none meets a conflict.
func change(
	ctx context.Context, s *settings,
	call func(to changer, ctx context.Context, name, turn string) error,
) (any, error) {
	share := max(s.objects/s.inFlight, 1)
	return loop(ctx, s, func(ctx context.Context, to target, worker, number int) error {
		one, able := to.(changer)
		if !able {
			return fmt.Errorf("%s changes nothing", s.target)
		}
		name := nameOf(s.prefix, 0, worker*share+number%share)
		return call(one, ctx, name, strconv.Itoa(number))
	})
}

// annotated gives metadata with an annotation alone. Behind an object's own bytes it is joined
// with its metadata, as parsers of protobuf do.
func annotated(turn string) []byte {
	entry := field(nil, entryKey, []byte("turn"))
	entry = field(entry, entryValue, []byte(turn))
	return field(nil, metadataAnnotations, entry)
}

// changed gives the bytes of the object of that name, with the annotation.
func (p *protocube) changed(name, turn string) []byte {
	return field(p.object.named(name), objectMetadata, annotated(turn))
}

func (p *protocube) update(ctx context.Context, name, turn string) error {
	_, err := p.call(ctx, "Update", field(nil, updateObject, p.changed(name, turn)))
	return err
}

func (p *protocube) patch(ctx context.Context, name, turn string) error {
	request := field(nil, patchName, []byte(name))
	request = field(request, patchNamespace, []byte(p.namespace))
	text := `{"metadata":{"annotations":{"turn":"` + turn + `"}}}`
	_, err := p.call(ctx, "Patch", field(request, patchMerge, []byte(text)))
	return err
}

func (p *protocube) apply(ctx context.Context, name, turn string) error {
	metadata := field(nil, metadataName, []byte(name))
	metadata = field(metadata, metadataNamespace, []byte(p.namespace))
	metadata = append(metadata, annotated(turn)...)
	request := field(nil, applyName, []byte(name))
	request = field(request, applyNamespace, []byte(p.namespace))
	request = field(request, applyObject, field(nil, protowire.Number(objectMetadata), metadata))
	_, err := p.call(ctx, "Apply", field(request, applyManager, []byte(manager)))
	return err
}

func (e *echo) update(ctx context.Context, name, turn string) error {
	_, err := e.call(ctx, "Echo", e.changed(name, turn))
	return err
}

func (e *echo) patch(ctx context.Context, name, turn string) error { return e.update(ctx, name, turn) }

func (e *echo) apply(ctx context.Context, name, turn string) error { return e.update(ctx, name, turn) }
