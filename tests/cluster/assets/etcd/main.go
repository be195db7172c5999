// Command etcd is the server of go.etcd.io/etcd, as a test asset.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
