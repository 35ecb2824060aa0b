package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"strings"
)

// target is what is measured: a server, an echo, or a store by itself. The commands know
// nothing else of it, so that what stands side by side was measured alike.
type target interface {
	// create writes an object that must not exist.
	create(ctx context.Context, name string) error
	// get reads an object.
	get(ctx context.Context, name string) error
	// list reads all objects.
	list(ctx context.Context) (listed, error)
	// revision gives where a watch may begin.
	revision(ctx context.Context) (string, error)
	// watch calls seen with the name of each object that was created after a revision, until
	// the stream ends, and gives the revision to go on from.
	watch(ctx context.Context, after string, seen func(name []byte)) (string, error)
	close()
}

// listed is what a list was made of.
type listed struct {
	Objects int `json:"objects"`
	Bytes   int `json:"bytes"`
	Pages   int `json:"pages"`
}

// open gives as many targets as there are to be connections.
func open(s *settings, connections int) ([]target, error) {
	var opened []target
	for range connections {
		var one target
		var err error
		switch s.target {
		case "protocube":
			one, err = openProtocube(s)
		case "echo":
			one, err = openEcho(s)
		case "etcd":
			one, err = openEtcd(s)
		default:
			err = fmt.Errorf("unknown target %q: protocube, echo or etcd", s.target)
		}
		if err != nil {
			closeAll(opened)
			return nil, err
		}
		opened = append(opened, one)
	}
	return opened, nil
}

func closeAll(targets []target) {
	for _, one := range targets {
		one.close()
	}
}

// placeholder stands for the name in an object. A name is as long, so that it can be put in
// its place without encoding anything anew.
const placeholder = "name-name-name-name-name"

// nameOf gives the name of an object: the prefix, who made it, and its number.
func nameOf(prefix string, worker, number int) string {
	return fmt.Sprintf("%s%s%05d-%010d", prefix, strings.Repeat("x", 8-len(prefix)), worker, number)
}

// numbersOf gives who made the object of this name, and its number; false when it has
// another prefix.
func numbersOf(name []byte, prefix string) (worker, number int, ours bool) {
	if len(name) != len(placeholder) || string(name[:len(prefix)]) != prefix {
		return 0, 0, false
	}
	return decimal(name[8:13]), decimal(name[14:]), true
}

func decimal(digits []byte) int {
	value := 0
	for _, digit := range digits {
		value = value*10 + int(digit-'0')
	}
	return value
}

// template is an object with a place for its name.
type template struct {
	encoded []byte
	at      int
}

func newTemplate(encoded string) (template, error) {
	object, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return template{}, fmt.Errorf("-object: %w", err)
	}
	at := bytes.Index(object, []byte(placeholder))
	if at < 0 && len(object) > 0 {
		return template{}, fmt.Errorf("-object has no name %s", placeholder)
	}
	return template{encoded: object, at: at}, nil
}

// named gives the bytes of the object of that name.
func (t template) named(name string) []byte {
	object := bytes.Clone(t.encoded)
	copy(object[t.at:], name)
	return object
}
