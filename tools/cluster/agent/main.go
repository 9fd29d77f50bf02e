// Command carrel-node holds the small jobs around a Carrel test cluster that need a compiled,
// statically linked program: issuing certificates, the pause container, the loopback forwarder, the
// CNI plugin, and both ends of network tests. Standard library only, so that it builds in seconds and
// starts in a millisecond.
package main

import (
	"fmt"
	"os"
)

var commands = map[string]func(args []string) error{
	"certs":   certs,
	"cni":     cni,
	"dial":    dial,
	"forward": forward,
	"pause":   pause,
	"resolve": resolve,
	"serve":   serveText,
}

func main() {
	// A CNI runtime tells by the environment what it wants and gives no arguments.
	name, args := "cni", []string(nil)
	if len(os.Args) > 1 {
		name, args = os.Args[1], os.Args[2:]
	}
	command, known := commands[name]
	if !known {
		fmt.Fprintf(os.Stderr, "carrel-node: unknown command %q; known: certs, cni, dial, forward, pause, resolve, serve\n", name)
		os.Exit(2)
	}
	if err := command(args); err != nil {
		fmt.Fprintf(os.Stderr, "carrel-node %s: %v\n", name, err)
		os.Exit(1)
	}
}
