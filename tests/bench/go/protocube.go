package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
)

// The fields that are written and read by hand, by their numbers in the contract.
const (
	createObject = 1

	getName, getNamespace = 1, 2

	listNamespace, listToken     = 1, 5
	pageMetadata, pageItem       = 3, 4
	metaVersion, metaToken       = 2, 3
	watchNamespace, watchVersion = 1, 4
	answerEvent, answerVersion   = 1, 2
	eventObject                  = 2
	objectMetadata               = 3
	metadataName                 = 1
)

// protocube is one connection to a cube-apiserver.
type protocube struct {
	connection *grpc.ClientConn
	service    string
	namespace  string
	object     template
}

func openProtocube(s *settings) (target, error) {
	object, err := newTemplate(s.object)
	if err != nil {
		return nil, err
	}
	connection, err := dial(s)
	if err != nil {
		return nil, err
	}
	return &protocube{connection, "/" + s.service + "/", s.namespace, object}, nil
}

// dial makes a connection that nobody else uses, and that sends and gives bytes. Calls carry the
// token, if there is one.
func dial(s *settings) (*grpc.ClientConn, error) {
	transport, err := transport(s)
	if err != nil {
		return nil, err
	}
	options := []grpc.DialOption{
		grpc.WithTransportCredentials(transport),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(raw{}), grpc.MaxCallRecvMsgSize(math.MaxInt32)),
	}
	if s.token != "" {
		options = append(options, grpc.WithPerRPCCredentials(bearer(s.token)))
	}
	return grpc.NewClient("passthrough:"+s.address, options...)
}

// transport is TLS where there is an authority, with the certificate, if there is one.
func transport(s *settings) (credentials.TransportCredentials, error) {
	if s.authority == "" {
		return insecure.NewCredentials(), nil
	}
	authority, err := os.ReadFile(s.authority)
	if err != nil {
		return nil, err
	}
	config := &tls.Config{RootCAs: x509.NewCertPool(), ServerName: "127.0.0.1"}
	if !config.RootCAs.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("%s has no certificate", s.authority)
	}
	if s.certificate != "" {
		pair, err := tls.LoadX509KeyPair(s.certificate, s.key)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return credentials.NewTLS(config), nil
}

// bearer is a token that calls carry, on loopback without TLS.
type bearer string

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

func (bearer) RequireTransportSecurity() bool { return false }

// raw is the codec of messages that are bytes already.
type raw struct{}

var _ encoding.CodecV2 = raw{}

func (raw) Name() string { return "proto" }

func (raw) Marshal(message any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(*message.(*[]byte))}, nil
}

func (raw) Unmarshal(data mem.BufferSlice, message any) error {
	*message.(*[]byte) = data.Materialize()
	return nil
}

func (p *protocube) call(ctx context.Context, method string, request []byte) ([]byte, error) {
	var answer []byte
	err := p.connection.Invoke(ctx, p.service+method, &request, &answer)
	return answer, err
}

func (p *protocube) create(ctx context.Context, name string) error {
	_, err := p.call(ctx, "Create", field(nil, createObject, p.object.named(name)))
	return err
}

func (p *protocube) get(ctx context.Context, name string) error {
	request := field(nil, getName, []byte(name))
	_, err := p.call(ctx, "Get", field(request, getNamespace, []byte(p.namespace)))
	return err
}

func (p *protocube) list(ctx context.Context) (listed, error) {
	var found listed
	token := []byte(nil)
	for {
		request := field(nil, listNamespace, []byte(p.namespace))
		answer, err := p.call(ctx, "List", field(request, listToken, token))
		if err != nil {
			return found, err
		}
		found.Pages++
		found.Bytes += len(answer)
		token = nil
		err = fields(answer, func(number protowire.Number, value []byte) error {
			switch number {
			case pageItem:
				found.Objects++
			case pageMetadata:
				return fields(value, func(number protowire.Number, value []byte) error {
					if number == metaToken {
						token = value
					}
					return nil
				})
			}
			return nil
		})
		if err != nil || len(token) == 0 {
			return found, err
		}
	}
}

func (p *protocube) revision(ctx context.Context) (string, error) {
	// Of a namespace that does not exist: the store's revision, without an object.
	answer, err := p.call(ctx, "List", field(nil, listNamespace, []byte("nowhere")))
	if err != nil {
		return "", err
	}
	version := ""
	err = fields(answer, func(number protowire.Number, value []byte) error {
		if number != pageMetadata {
			return nil
		}
		return fields(value, func(number protowire.Number, value []byte) error {
			if number == metaVersion {
				version = string(value)
			}
			return nil
		})
	})
	return version, err
}

func (p *protocube) watch(ctx context.Context, after string, seen func([]byte)) (string, error) {
	stream, err := p.connection.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, p.service+"Watch")
	if err != nil {
		return after, err
	}
	request := field(nil, watchNamespace, []byte(p.namespace))
	request = field(request, watchVersion, []byte(after))
	if err = stream.SendMsg(&request); err == nil {
		err = stream.CloseSend()
	}
	for err == nil {
		var answer []byte
		if err = stream.RecvMsg(&answer); err == nil {
			err = fields(answer, func(number protowire.Number, value []byte) error {
				switch number {
				case answerEvent:
					return eventName(value, seen)
				case answerVersion:
					after = string(value)
				}
				return nil
			})
		}
	}
	return after, err
}

func eventName(event []byte, seen func([]byte)) error {
	path := []protowire.Number{eventObject, objectMetadata, metadataName}
	value := event
	for _, wanted := range path {
		var inner []byte
		err := fields(value, func(number protowire.Number, value []byte) error {
			if number == wanted {
				inner = value
				return errFound
			}
			return nil
		})
		if err != nil && err != errFound {
			return err
		}
		value = inner
	}
	seen(value)
	return nil
}

func (p *protocube) close() { p.connection.Close() }

var errFound = fmt.Errorf("found")

// field appends a field of bytes; an empty one is left out.
func field(message []byte, number protowire.Number, value []byte) []byte {
	if len(value) == 0 {
		return message
	}
	message = protowire.AppendTag(message, number, protowire.BytesType)
	return protowire.AppendBytes(message, value)
}

// fields calls visit for each field of bytes in a message, until it gives an error.
func fields(message []byte, visit func(protowire.Number, []byte) error) error {
	for len(message) > 0 {
		number, kind, length := protowire.ConsumeTag(message)
		if length < 0 {
			return protowire.ParseError(length)
		}
		message = message[length:]
		if kind != protowire.BytesType {
			if length = protowire.ConsumeFieldValue(number, kind, message); length < 0 {
				return protowire.ParseError(length)
			}
			message = message[length:]
			continue
		}
		value, length := protowire.ConsumeBytes(message)
		if length < 0 {
			return protowire.ParseError(length)
		}
		message = message[length:]
		if err := visit(number, value); err != nil {
			return err
		}
	}
	return nil
}
