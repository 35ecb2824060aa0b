package main

import (
	"context"
	"encoding/binary"
	"errors"
)

// echo is the limit of the server: the same kind of server, with nothing to do. A create is
// given its own bytes back; a get and a list are given as many bytes as they ask for.
type echo struct {
	*protocube
	bytes int
	pages int
}

// Each page that a server sends stays below what stock clients accept.
const echoedPage = 4<<20 - 16<<10

func openEcho(s *settings) (target, error) {
	s.service = "bench.Echo"
	one, err := openProtocube(s)
	if err != nil {
		return nil, err
	}
	opened := one.(*protocube)
	size := len(opened.object.encoded)
	return &echo{opened, size, s.objects * size}, nil
}

func (e *echo) create(ctx context.Context, name string) error {
	_, err := e.call(ctx, "Echo", e.object.named(name))
	return err
}

func (e *echo) get(ctx context.Context, _ string) error {
	_, err := e.send(ctx, e.bytes)
	return err
}

func (e *echo) list(ctx context.Context) (listed, error) {
	var found listed
	for left := e.pages; left > 0; left -= echoedPage {
		got, err := e.send(ctx, min(left, echoedPage))
		if err != nil {
			return found, err
		}
		found.Bytes += got
		found.Pages++
	}
	return found, nil
}

// send asks for so many bytes.
func (e *echo) send(ctx context.Context, size int) (int, error) {
	request := binary.BigEndian.AppendUint32(nil, uint32(size))
	answer, err := e.call(ctx, "Send", request)
	return len(answer), err
}

func (e *echo) revision(context.Context) (string, error) { return "", errNoWatch }

func (e *echo) watch(context.Context, string, func([]byte)) (string, error) { return "", errNoWatch }

var errNoWatch = errors.New("an echo has nothing to watch")
