package main

import (
	"os"
	"os/signal"
	"syscall"
)

// pause is the sandbox container: it holds a pod's namespaces, reaps what is reparented to it
// (shareProcessNamespace) and ends on SIGTERM or SIGINT.
func pause([]string) error {
	ends := make(chan os.Signal, 1)
	signal.Notify(ends, syscall.SIGINT, syscall.SIGTERM)
	children := make(chan os.Signal, 1)
	signal.Notify(children, syscall.SIGCHLD)
	for {
		select {
		case <-ends:
			return nil
		case <-children:
			for {
				pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
				if err != nil || pid <= 0 {
					break
				}
			}
		}
	}
}
