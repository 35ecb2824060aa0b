// Command load puts a server, or etcd itself, under load and prints what it saw as JSON:
//
//	load create|get|list|watch|update|patch|apply|bulk -target protocube|echo|etcd -address HOST:PORT ...
//
// It is compiled so that it takes little of the cores that it shares with what it measures,
// and it speaks bytes: no message is decoded but for what is counted. "load create -h" says
// what can be set. Times are of the monotonic clock, and percentiles are of all samples.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"
)

// settings are the flags of all commands.
type settings struct {
	target      string
	address     string
	service     string
	namespace   string
	object      string
	token       string
	authority   string
	certificate string
	key         string
	prefix      string
	inFlight    int
	connections int
	count       int
	objects     int
	batch       int
	message     string
	requestIDs  bool
	gets        bool
	watchers    int
	pause       time.Duration
	warm        time.Duration
	length      time.Duration
	processes   processes
}

var commands = map[string]func(context.Context, *settings) (any, error){
	"create": create,
	"get":    get,
	"list":   list,
	"watch":  watch,
	"update": update,
	"patch":  patch,
	"apply":  apply,
	"bulk":   bulk,
}

func main() {
	// Memory is there; the cores are what we share.
	debug.SetGCPercent(400)
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	if len(arguments) == 0 || commands[arguments[0]] == nil {
		return fmt.Errorf("give a command: create, get, list, watch, update, patch, apply or bulk")
	}
	command := arguments[0]
	s := &settings{}
	flags := flag.NewFlagSet("load "+command, flag.ExitOnError)
	flags.StringVar(&s.target, "target", "protocube", "what is measured: protocube, echo or etcd")
	flags.StringVar(&s.address, "address", "127.0.0.1:7443", "where it listens")
	flags.StringVar(&s.service, "service", "protocube.core.v1.ConfigMaps", "the service of the kind")
	flags.StringVar(&s.namespace, "namespace", "default", "the namespace of the objects")
	flags.StringVar(&s.token, "token", "", "a bearer token that calls carry")
	flags.StringVar(&s.authority, "tls-ca", "", "connect by TLS: the file of the authority, in PEM")
	flags.StringVar(&s.certificate, "tls-cert", "", "the file of a certificate to show, in PEM")
	flags.StringVar(&s.key, "tls-key", "", "the file of its private key")
	flags.StringVar(&s.object, "object", "", "the object, base64, with a name of "+placeholder)
	flags.StringVar(&s.prefix, "prefix", "load", "what the names of created objects begin with, at most 8 characters")
	flags.IntVar(&s.inFlight, "in-flight", 1, "calls in flight; of watch: writers")
	flags.IntVar(&s.connections, "connections", 0, "connections for them; 0 is one for every 32")
	flags.IntVar(&s.count, "count", 0, "of create: make so many, whatever time it takes")
	flags.IntVar(&s.objects, "objects", 1, "of get, of changes and of an echo's list: how many objects there are")
	flags.IntVar(&s.watchers, "watchers", 1, "of watch: watchers, each with a connection of its own")
	flags.IntVar(&s.batch, "batch", 500, "of bulk: writes of one request")
	flags.StringVar(&s.message, "message", "protocube.core.v1.ConfigMap", "of bulk: the message of the objects")
	flags.BoolVar(&s.requestIDs, "request-ids", false, "of bulk: requests have ids")
	flags.BoolVar(&s.gets, "gets", false, "of bulk: read what create -count 1 made, beside it, and tell the times of that")
	flags.DurationVar(&s.pause, "pause", 0, "from one call to the next, about; of watch: from one write of a writer")
	flags.DurationVar(&s.warm, "warm", time.Second, "what passes before anything is counted")
	flags.DurationVar(&s.length, "for", 3*time.Second, "how long it is counted")
	flags.Var(&s.processes, "cpu", "NAME=PID: count the processor time of this process; may be repeated")
	if err := flags.Parse(arguments[1:]); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	if s.inFlight < 1 || s.watchers < 1 || s.batch < 1 || len(s.prefix) > 8 {
		return fmt.Errorf("-in-flight, -watchers and -batch are at least 1, -prefix has at most 8 characters")
	}
	if s.connections == 0 {
		s.connections = (s.inFlight + 31) / 32
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	result, err := commands[command](ctx, s)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(result)
}
