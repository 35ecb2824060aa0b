package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"strconv"

	"go.etcd.io/etcd/api/v3/mvccpb"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"google.golang.org/grpc"
)

// etcd is the limit of the store: its own conditional puts, gets, ranges and watches.
type etcd struct {
	client *clientv3.Client
	prefix string
	object template
}

// As many keys as a server reads at once.
const rangedKeys = 4000

func openEtcd(s *settings) (target, error) {
	object, err := newTemplate(s.object)
	if err != nil {
		return nil, err
	}
	client, err := clientv3.New(clientv3.Config{
		Endpoints:   []string{s.address},
		Logger:      zap.NewNop(),
		DialOptions: []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(math.MaxInt32))},
	})
	if err != nil {
		return nil, err
	}
	return &etcd{client, "/load/" + s.namespace + "/", object}, nil
}

func (e *etcd) create(ctx context.Context, name string) error {
	key := e.prefix + name
	answer, err := e.client.Txn(ctx).
		If(clientv3.Compare(clientv3.ModRevision(key), "=", 0)).
		Then(clientv3.OpPut(key, string(e.object.named(name)))).
		Commit()
	if err == nil && !answer.Succeeded {
		err = fmt.Errorf("%s exists", key)
	}
	return err
}

func (e *etcd) get(ctx context.Context, name string) error {
	answer, err := e.client.Get(ctx, e.prefix+name)
	if err == nil && len(answer.Kvs) == 0 {
		err = fmt.Errorf("%s does not exist", e.prefix+name)
	}
	return err
}

func (e *etcd) list(ctx context.Context) (listed, error) {
	var found listed
	start, revision := e.prefix, int64(0)
	for {
		answer, err := e.client.Get(
			ctx, start,
			clientv3.WithRange(clientv3.GetPrefixRangeEnd(e.prefix)),
			clientv3.WithLimit(rangedKeys), clientv3.WithRev(revision),
		)
		if err != nil {
			return found, err
		}
		found.Pages++
		found.Objects += len(answer.Kvs)
		for _, one := range answer.Kvs {
			found.Bytes += len(one.Key) + len(one.Value)
		}
		if !answer.More {
			return found, nil
		}
		revision = answer.Header.Revision
		start = string(answer.Kvs[len(answer.Kvs)-1].Key) + "\x00"
	}
}

func (e *etcd) revision(ctx context.Context) (string, error) {
	answer, err := e.client.Get(ctx, e.prefix, clientv3.WithCountOnly())
	if err != nil {
		return "", err
	}
	return strconv.FormatInt(answer.Header.Revision, 10), nil
}

func (e *etcd) watch(ctx context.Context, after string, seen func([]byte)) (string, error) {
	revision, err := strconv.ParseInt(after, 10, 64)
	if err != nil {
		return after, err
	}
	answers := e.client.Watch(ctx, e.prefix, clientv3.WithPrefix(), clientv3.WithRev(revision+1))
	for answer := range answers {
		if err := answer.Err(); err != nil {
			return after, err
		}
		for _, event := range answer.Events {
			if event.Type == mvccpb.PUT {
				seen(bytes.TrimPrefix(event.Kv.Key, []byte(e.prefix)))
			}
			after = strconv.FormatInt(event.Kv.ModRevision, 10)
		}
	}
	return after, context.Cause(ctx)
}

func (e *etcd) close() { e.client.Close() }
