package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protowire"
)

// The fields of a stream of writes.
const (
	bulkWrites, bulkRequestID = 1, 4
	writeCreate               = 1
	anyType, anyValue         = 1, 2
	bulkOutcomes              = 2
	outcomeFailure            = 2
	failureMessage            = 2
)

const (
	// bulkAhead is how many requests a stream sends before the first of them is answered.
	bulkAhead = 2
	// bulkWorkers tells the names of a stream's objects apart from those of other commands.
	bulkWorkers = 90000
)

// bulk creates objects in streams, -in-flight of them, each on a connection of its own. With
// -gets one object is read again and again beside them, and the times are those of these reads.
func bulk(ctx context.Context, s *settings) (any, error) {
	if s.target != "protocube" {
		return nil, fmt.Errorf("%s takes no streams of writes", s.target)
	}
	targets, err := open(s, s.inFlight+1)
	if err != nil {
		return nil, err
	}
	defer closeAll(targets)
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	streams := make([]*writes, s.inFlight)
	var waiting sync.WaitGroup
	for index := range streams {
		one := &writes{s: s, to: targets[index].(*protocube), worker: bulkWorkers + index}
		streams[index] = one
		waiting.Go(func() { one.run(ctx) })
	}
	var phase atomic.Int32
	var reading worker
	if s.gets {
		waiting.Go(func() { reading = read(ctx, s, targets[s.inFlight], &phase) })
	}
	pass(ctx, s.warm)
	made, before, began := total(streams), s.processes.used(), time.Now()
	phase.Store(counting)
	end := began.Add(longest)
	for pass(ctx, s.length); total(streams) == made && time.Now().Before(end) && ctx.Err() == nil; {
		pass(ctx, 5*time.Millisecond)
	}
	made = total(streams) - made
	seconds, after := time.Since(began).Seconds(), s.processes.used()
	phase.Store(over)
	interrupted := ctx.Err()
	stop()
	waiting.Wait()
	result := summed([]worker{reading}, seconds, before, before)
	result.Calls, result.PerSecond = made, float64(made)/seconds
	result.Microseconds = after.since(before, made)
	for _, one := range streams {
		result.Failures += int(one.failures.Load())
		if one.failure != "" {
			result.Failure = one.failure
		}
	}
	return result, interrupted
}

func total(streams []*writes) int {
	sum := 0
	for _, one := range streams {
		sum += int(one.made.Load())
	}
	return sum
}

func read(ctx context.Context, s *settings, to target, phase *atomic.Int32) worker {
	var seen worker
	for phase.Load() != over && ctx.Err() == nil {
		began := time.Now()
		err := to.get(ctx, nameOf(s.prefix, 0, 0))
		if phase.Load() == counting {
			seen.note(time.Since(began), err)
		}
	}
	return seen
}

// writes is one stream.
type writes struct {
	s        *settings
	to       *protocube
	worker   int
	made     atomic.Int64
	failures atomic.Int64
	failure  string
}

func (w *writes) run(ctx context.Context) {
	if err := w.exchange(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, io.EOF) {
		w.failures.Add(1)
		w.failure = err.Error()
	}
}

func (w *writes) exchange(ctx context.Context) error {
	both := &grpc.StreamDesc{ClientStreams: true, ServerStreams: true}
	stream, err := w.to.connection.NewStream(ctx, both, "/protocube.bulk.v1.Bulk/Write")
	if err != nil {
		return err
	}
	sent, answered := 0, 0
	for {
		for sent-answered < bulkAhead*w.s.batch {
			request := w.request(sent)
			if err := stream.SendMsg(&request); err != nil {
				return err
			}
			sent += w.s.batch
		}
		var answer []byte
		if err := stream.RecvMsg(&answer); err != nil {
			return err
		}
		err := fields(answer, func(number protowire.Number, value []byte) error {
			if number != bulkOutcomes {
				return nil
			}
			answered++
			return w.note(value)
		})
		if err != nil {
			return err
		}
	}
}

// request gives the next objects; their numbers begin with the one given.
func (w *writes) request(first int) []byte {
	var request []byte
	for number := range w.s.batch {
		object := w.to.object.named(nameOf(w.s.prefix, w.worker, first+number))
		packed := field(nil, anyType, []byte("type.googleapis.com/"+w.s.message))
		packed = field(packed, anyValue, object)
		request = field(request, bulkWrites, field(nil, writeCreate, packed))
	}
	if w.s.requestIDs {
		id := fmt.Sprintf("%s-%d-%d", w.s.prefix, w.worker, first)
		request = field(request, bulkRequestID, []byte(id))
	}
	return request
}

func (w *writes) note(outcome []byte) error {
	failed := false
	err := fields(outcome, func(number protowire.Number, value []byte) error {
		if number != outcomeFailure {
			return nil
		}
		failed = true
		return fields(value, func(number protowire.Number, value []byte) error {
			if number == failureMessage {
				w.failure = string(value)
			}
			return nil
		})
	})
	if failed {
		w.failures.Add(1)
	} else {
		w.made.Add(1)
	}
	return err
}
