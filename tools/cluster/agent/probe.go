package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
)

const dialTimeout = time.Second

// serve answers every HTTP request on a port with a text: the far end of a network test.
func serveText(args []string) error {
	if len(args) != 2 {
		return errors.New("usage: carrel-node serve PORT TEXT")
	}
	server := &http.Server{
		Addr:              ":" + args[0],
		ReadHeaderTimeout: 10 * time.Second,
		Handler: http.HandlerFunc(func(writer http.ResponseWriter, _ *http.Request) {
			fmt.Fprintln(writer, args[1])
		}),
	}
	return server.ListenAndServe()
}

// dial opens one TCP connection to each address, prints "open" or "closed" and the time it took, and then
// sleeps for ever when asked to stay: the near end of a network test. It never tries twice.
func dial(args []string) error {
	stay := len(args) > 0 && args[0] == "--stay"
	if stay {
		args = args[1:]
	}
	closed := 0
	for _, address := range args {
		start := time.Now()
		connection, err := net.DialTimeout("tcp", address, dialTimeout)
		took := time.Since(start).Milliseconds()
		if err != nil {
			closed++
			fmt.Printf("closed %s after %d ms: %v\n", address, took, err)
			continue
		}
		_ = connection.Close()
		fmt.Printf("open %s after %d ms\n", address, took)
	}
	if stay {
		return pause(nil)
	}
	if closed > 0 {
		os.Exit(3)
	}
	return nil
}

// resolve prints the addresses of a host name.
func resolve(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: carrel-node resolve NAME")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	addresses, err := net.DefaultResolver.LookupHost(ctx, args[0])
	if err != nil {
		return err
	}
	for _, address := range addresses {
		fmt.Println(address)
	}
	return nil
}
