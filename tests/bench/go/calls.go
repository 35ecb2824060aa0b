package main

import (
	"context"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"
)

// calls is what create, get and list print.
type calls struct {
	Calls        int                `json:"calls"`
	Seconds      float64            `json:"seconds"`
	PerSecond    float64            `json:"per_second"`
	Milliseconds spread             `json:"milliseconds"`
	Microseconds map[string]float64 `json:"cpu_us_per_call"`
	Failures     int                `json:"failures"`
	Failure      string             `json:"failure,omitempty"`
	Listed       *listed            `json:"listed,omitempty"`
}

func create(ctx context.Context, s *settings) (any, error) {
	return loop(ctx, s, func(ctx context.Context, to target, worker, number int) error {
		return to.create(ctx, nameOf(s.prefix, worker, number))
	})
}

// get reads what "create -count N" made, each worker from another place on.
func get(ctx context.Context, s *settings) (any, error) {
	objects := max(s.objects, 1)
	return loop(ctx, s, func(ctx context.Context, to target, worker, number int) error {
		return to.get(ctx, nameOf(s.prefix, 0, (worker*objects/s.inFlight+number)%objects))
	})
}

func list(ctx context.Context, s *settings) (any, error) {
	var last atomic.Pointer[listed]
	result, err := loop(ctx, s, func(ctx context.Context, to target, _, _ int) error {
		found, err := to.list(ctx)
		last.Store(&found)
		return err
	})
	if err == nil {
		result.Listed = last.Load()
	}
	return result, err
}

// phases of a run: what begins in a phase other than counting is not counted.
const (
	warming int32 = iota
	counting
	over
)

// loop has so many workers call, each the next when the last has ended, and counts the calls
// that end within the time, or with -count all of them.
func loop(
	ctx context.Context, s *settings,
	call func(ctx context.Context, to target, worker, number int) error,
) (*calls, error) {
	targets, err := open(s, s.connections)
	if err != nil {
		return nil, err
	}
	defer closeAll(targets)
	if s.count > 0 {
		return exactly(ctx, s, targets, call)
	}
	var phase atomic.Int32
	var counted atomic.Int64
	var waiting sync.WaitGroup
	workers := make([]worker, s.inFlight)
	for index := range workers {
		waiting.Go(func() {
			to := targets[index%len(targets)]
			for number := 0; phase.Load() != over; number++ {
				began := time.Now()
				err := call(ctx, to, index, number)
				if phase.Load() == counting {
					workers[index].note(time.Since(began), err)
					counted.Add(1)
				}
				if ctx.Err() != nil {
					return
				}
				rest(ctx, s.pause)
			}
		})
	}
	pass(ctx, s.warm)
	before := s.processes.used()
	began := time.Now()
	phase.Store(counting)
	passWith(ctx, s.length, &counted)
	phase.Store(over)
	seconds := time.Since(began).Seconds()
	after := s.processes.used()
	waiting.Wait()
	return summed(workers, seconds, before, after), ctx.Err()
}

// exactly makes -count calls, numbered from 0, as if one worker had made them.
func exactly(
	ctx context.Context, s *settings, targets []target,
	call func(ctx context.Context, to target, worker, number int) error,
) (*calls, error) {
	var next atomic.Int64
	var waiting sync.WaitGroup
	workers := make([]worker, s.inFlight)
	before := s.processes.used()
	began := time.Now()
	for index := range workers {
		waiting.Go(func() {
			to := targets[index%len(targets)]
			for ctx.Err() == nil {
				number := int(next.Add(1)) - 1
				if number >= s.count {
					return
				}
				started := time.Now()
				err := call(ctx, to, 0, number)
				workers[index].note(time.Since(started), err)
			}
		})
	}
	waiting.Wait()
	seconds := time.Since(began).Seconds()
	return summed(workers, seconds, before, s.processes.used()), ctx.Err()
}

// worker is what one of them saw.
type worker struct {
	took     []time.Duration
	failures int
	failure  string
}

func (w *worker) note(took time.Duration, err error) {
	if err != nil {
		w.failures++
		w.failure = err.Error()
		return
	}
	w.took = append(w.took, took)
}

func summed(workers []worker, seconds float64, before, after usage) *calls {
	var took []time.Duration
	result := &calls{Seconds: seconds}
	for _, one := range workers {
		took = append(took, one.took...)
		result.Failures += one.failures
		if one.failure != "" {
			result.Failure = one.failure
		}
	}
	result.Calls = len(took)
	result.PerSecond = float64(len(took)) / seconds
	result.Milliseconds = spreadOf(took)
	result.Microseconds = after.since(before, len(took))
	return result
}

const (
	// A time in which fewer calls ended says nothing: it is extended,
	fewest = 3
	// but not for ever.
	longest = 30 * time.Second
)

// passWith waits, and longer than that until something was counted.
func passWith(ctx context.Context, length time.Duration, counted *atomic.Int64) {
	pass(ctx, length)
	for end := time.Now().Add(longest); counted.Load() < fewest && time.Now().Before(end) && ctx.Err() == nil; {
		pass(ctx, 5*time.Millisecond)
	}
}

// pass waits, unless the run is interrupted.
func pass(ctx context.Context, length time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(length):
	}
}

// rest passes about so long: not all workers at the same moment, again and again.
func rest(ctx context.Context, pause time.Duration) {
	if pause > 0 {
		pass(ctx, time.Duration(float64(pause)*(0.5+rand.Float64())))
	}
}
