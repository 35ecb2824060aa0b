// Command etcd is the server of etcd's own module, which cannot be installed by "go install":
// its go.mod has replacements.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
