package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

func connect(address string, secured []string) (*grpc.ClientConn, error) {
	switch len(secured) {
	case 0:
		return grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	case 3:
		return withCertificate(address, secured[0], secured[1], secured[2])
	}
	trusted, err := credentials.NewClientTLSFromFile(secured[0], "")
	if err != nil {
		return nil, err
	}
	options := []grpc.DialOption{grpc.WithTransportCredentials(trusted)}
	if len(secured) == 2 {
		options = append(options, grpc.WithPerRPCCredentials(token(secured[1])))
	}
	return grpc.NewClient(address, options...)
}

// token is shown with each call.
type token string

func (shown token) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(shown)}, nil
}

func (token) RequireTransportSecurity() bool { return true }

func withCertificate(address, authority, certificate, key string) (*grpc.ClientConn, error) {
	shown, err := tls.LoadX509KeyPair(certificate, key)
	if err != nil {
		return nil, err
	}
	trusted := x509.NewCertPool()
	text, err := os.ReadFile(authority)
	if err != nil || !trusted.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("no certificates in %s: %w", authority, err)
	}
	secured := credentials.NewTLS(&tls.Config{Certificates: []tls.Certificate{shown}, RootCAs: trusted})
	return grpc.NewClient(address, grpc.WithTransportCredentials(secured))
}
