package main

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// spread is where samples lie, in milliseconds.
type spread struct {
	Count  int     `json:"count"`
	Median float64 `json:"p50"`
	P90    float64 `json:"p90"`
	P99    float64 `json:"p99"`
	Most   float64 `json:"most"`
}

// spreadOf sorts the samples and gives their nearest-rank percentiles.
func spreadOf(samples []time.Duration) spread {
	if len(samples) == 0 {
		return spread{}
	}
	slices.Sort(samples)
	at := func(share float64) float64 {
		rank := int(share*float64(len(samples)) + 0.999999)
		return milliseconds(samples[max(rank, 1)-1])
	}
	return spread{len(samples), at(0.50), at(0.90), at(0.99), milliseconds(samples[len(samples)-1])}
}

func milliseconds(duration time.Duration) float64 { return float64(duration.Nanoseconds()) / 1e6 }

// processes are those whose processor time is counted.
type processes []process

type process struct {
	name string
	pid  int
}

func (p *processes) String() string { return "" }

// Set takes NAME=PID, as the flag package wants it.
func (p *processes) Set(text string) error {
	name, number, found := strings.Cut(text, "=")
	pid, err := strconv.Atoi(number)
	if !found || err != nil {
		return fmt.Errorf("not NAME=PID: %q", text)
	}
	*p = append(*p, process{name, pid})
	return nil
}

// usage is the processor time of processes so far, user's and system's, all threads.
type usage map[string]time.Duration

// The kernel's unit in /proc is the same on every Linux that Go runs on.
const tick = 10 * time.Millisecond

// used reads the processor time so far; "load" is our own.
func (p processes) used() usage {
	now := usage{"load": ticks(os.Getpid())}
	for _, one := range p {
		now[one.name] += ticks(one.pid)
	}
	return now
}

// since gives microseconds an operation, from an earlier reading to this one.
func (u usage) since(before usage, operations int) map[string]float64 {
	spent := map[string]float64{}
	for name := range u {
		spent[name] = float64((u[name] - before[name]).Microseconds()) / float64(max(operations, 1))
	}
	return spent
}

// ticks reads utime and stime; zero when there is no such process, or no /proc.
func ticks(pid int) time.Duration {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// The name in parentheses may hold anything; the fields after it begin with the third.
	_, rest, _ := strings.Cut(string(text[strings.LastIndexByte(string(text), ')'):]), " ")
	parts := strings.Fields(rest)
	if len(parts) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(parts[11])
	system, _ := strconv.Atoi(parts[12])
	return time.Duration(user+system) * tick
}
