package main

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// watched is what watch prints.
type watched struct {
	Writes       int                `json:"writes"`
	Seconds      float64            `json:"seconds"`
	PerSecond    float64            `json:"per_second"`
	Events       int                `json:"events"`
	Sent         spread             `json:"sent_to_event_ms"`
	Acknowledged spread             `json:"acknowledged_to_event_ms"`
	Written      spread             `json:"write_ms"`
	Microseconds map[string]float64 `json:"cpu_us_per_write"`
	Disconnected int                `json:"disconnected"`
	Disconnect   string             `json:"disconnect,omitempty"`
	Lost         int                `json:"lost"`
	Repeated     int                `json:"repeated"`
	Failures     int                `json:"failures"`
	Failure      string             `json:"failure,omitempty"`
}

const (
	// More than a writer can make.
	mostWrites = 1 << 20
	// How long events may take to arrive when the writers have stopped.
	patience = 30 * time.Second
)

// writer notes when each of its writes was sent and acknowledged, in nanoseconds since the
// run began. Watchers read it while it writes.
type writer struct {
	sent         []atomic.Int64
	acknowledged []atomic.Int64
	last         int
	failures     int
	failure      string
}

// watcher notes when it saw what.
type watcher struct {
	seen         [][]time.Duration
	repeated     int
	disconnected int
	disconnect   string
	arrived      atomic.Int64
}

// watch has writers write and watchers watch, and says how long each event took to reach
// each watcher, and what did not reach it.
func watch(ctx context.Context, s *settings) (any, error) {
	writing, err := open(s, s.connections)
	if err != nil {
		return nil, err
	}
	defer closeAll(writing)
	watching, err := open(s, s.watchers)
	if err != nil {
		return nil, err
	}
	defer closeAll(watching)
	after, err := writing[0].revision(ctx)
	if err != nil {
		return nil, err
	}
	started := time.Now()
	writers := make([]writer, s.inFlight)
	room := mostWrites / s.inFlight
	for index := range writers {
		writers[index].sent = make([]atomic.Int64, room)
		writers[index].acknowledged = make([]atomic.Int64, room)
	}
	watchers := make([]watcher, s.watchers)
	inner, stop := context.WithCancel(ctx)
	var followers sync.WaitGroup
	for index := range watchers {
		watchers[index].seen = make([][]time.Duration, s.inFlight)
		followers.Go(func() { watchers[index].follow(inner, watching[index], s, after, started) })
	}
	defer followers.Wait()
	defer stop()
	// The first event shows that a watcher is there.
	if err := writing[0].create(ctx, nameOf(s.prefix, 99999, 0)); err != nil {
		return nil, err
	}
	if err := arrived(ctx, watchers, 1); err != nil {
		return nil, err
	}

	var phase atomic.Int32
	var counted atomic.Int64
	var waiting sync.WaitGroup
	for index := range writers {
		to := writing[index%len(writing)]
		waiting.Go(func() { writers[index].write(ctx, to, s, index, started, &phase, &counted) })
	}
	pass(ctx, s.warm)
	before := s.processes.used()
	from := time.Since(started)
	phase.Store(counting)
	passWith(ctx, s.length, &counted)
	phase.Store(over)
	until := time.Since(started)
	used := s.processes.used()
	waiting.Wait()
	acknowledged := 0
	for index := range writers {
		acknowledged += writers[index].done()
	}
	// Who is not there in time has lost what is missing: it is counted below.
	_ = arrived(ctx, watchers, acknowledged+1)
	stop()
	followers.Wait()
	result := compared(writers, watchers, from, until)
	result.Microseconds = used.since(before, result.Writes)
	return result, ctx.Err()
}

func (w *writer) write(
	ctx context.Context, to target, s *settings, index int, started time.Time,
	phase *atomic.Int32, counted *atomic.Int64,
) {
	for w.last < len(w.sent) && phase.Load() != over && ctx.Err() == nil {
		number := w.last
		w.last++
		counts := phase.Load() == counting
		w.sent[number].Store(int64(time.Since(started)))
		if err := to.create(ctx, nameOf(s.prefix, index, number)); err != nil {
			w.failures++
			w.failure = err.Error()
		} else {
			w.acknowledged[number].Store(int64(time.Since(started)))
			if counts {
				counted.Add(1)
			}
		}
		rest(ctx, s.pause)
	}
}

func (w *writer) done() int { return w.last - w.failures }

// follow watches, and goes on from where it was when the stream ends.
func (w *watcher) follow(ctx context.Context, to target, s *settings, after string, started time.Time) {
	for ctx.Err() == nil {
		var err error
		after, err = to.watch(ctx, after, func(name []byte) {
			writer, number, ours := numbersOf(name, s.prefix)
			if !ours {
				return
			}
			if writer < len(w.seen) {
				w.note(writer, number, time.Since(started))
			}
			w.arrived.Add(1)
		})
		if ctx.Err() == nil {
			w.disconnected++
			w.disconnect = fmt.Sprint(err)
			pass(ctx, 10*time.Millisecond)
		}
	}
}

func (w *watcher) note(writer, number int, now time.Duration) {
	seen := w.seen[writer]
	for len(seen) <= number {
		seen = append(seen, 0)
	}
	if seen[number] != 0 {
		w.repeated++
		w.arrived.Add(-1)
	} else {
		seen[number] = now
	}
	w.seen[writer] = seen
}

// arrived waits until each watcher has had so many events.
func arrived(ctx context.Context, watchers []watcher, events int) error {
	deadline := time.Now().Add(patience)
	for index := range watchers {
		for watchers[index].arrived.Load() < int64(events) {
			if time.Now().After(deadline) {
				return fmt.Errorf("a watcher has %d of %d events after %s", watchers[index].arrived.Load(), events, patience)
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			pass(ctx, time.Millisecond)
		}
	}
	return nil
}

// compared puts what was written beside what was seen. Counted are the writes that were sent
// within the time.
func compared(writers []writer, watchers []watcher, from, until time.Duration) *watched {
	result := &watched{Seconds: (until - from).Seconds()}
	var sent, acknowledged, written []time.Duration
	for index := range writers {
		one := &writers[index]
		result.Failures += one.failures
		if one.failure != "" {
			result.Failure = one.failure
		}
		for number := range one.last {
			began := time.Duration(one.sent[number].Load())
			done := time.Duration(one.acknowledged[number].Load())
			counted := began >= from && began < until
			if counted && done != 0 {
				result.Writes++
				written = append(written, done-began)
			}
			for follower := range watchers {
				seen := time.Duration(0)
				if number < len(watchers[follower].seen[index]) {
					seen = watchers[follower].seen[index][number]
				}
				if seen == 0 && done != 0 {
					result.Lost++
				}
				if counted && seen != 0 && done != 0 {
					sent = append(sent, seen-began)
					acknowledged = append(acknowledged, seen-done)
				}
			}
		}
	}
	for index := range watchers {
		result.Repeated += watchers[index].repeated
		result.Disconnected += watchers[index].disconnected
		if watchers[index].disconnect != "" {
			result.Disconnect = watchers[index].disconnect
		}
	}
	result.Events = len(sent)
	result.PerSecond = float64(result.Writes) / result.Seconds
	result.Sent, result.Acknowledged, result.Written = spreadOf(sent), spreadOf(acknowledged), spreadOf(written)
	return result
}
