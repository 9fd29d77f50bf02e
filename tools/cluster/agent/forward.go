package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

// forward copies TCP connections from loopback ports of the machine to an address that only the machine
// itself can reach (a node port), so that a browser opens http://NAME.localhost:PORT. It listens before
// it prints "ready", and serves until it is killed.
func forward(args []string) error {
	flags := flag.NewFlagSet("forward", flag.ContinueOnError)
	port := flags.Int("port", 0, "loopback port to listen on")
	to := flags.String("to", "", "address:port to connect to")
	if err := flags.Parse(args); err != nil {
		return err
	}
	failures := make(chan error, 2)
	listening := 0
	for _, host := range []string{"127.0.0.1", "::1"} {
		listener, err := net.Listen("tcp", net.JoinHostPort(host, fmt.Sprint(*port)))
		if err != nil {
			if host == "::1" && listening > 0 {
				fmt.Fprintf(os.Stderr, "carrel-node forward: no IPv6 loopback: %v\n", err)
				continue
			}
			return err
		}
		listening++
		go func() { failures <- serve(listener, *to) }()
	}
	fmt.Println("ready")
	return <-failures
}

func serve(listener net.Listener, to string) error {
	for {
		client, err := listener.Accept()
		if err != nil {
			return err
		}
		go func() {
			if err := splice(client, to); err != nil {
				fmt.Fprintf(os.Stderr, "carrel-node forward: %v\n", err)
			}
		}()
	}
}

// splice passes bytes and half-closes both ways until both directions have ended.
func splice(client net.Conn, to string) error {
	defer client.Close()
	server, err := net.DialTimeout("tcp", to, 10*time.Second)
	if err != nil {
		return err
	}
	defer server.Close()
	upstream, okUp := server.(*net.TCPConn)
	downstream, okDown := client.(*net.TCPConn)
	if !okUp || !okDown {
		return errors.New("not TCP")
	}
	var both sync.WaitGroup
	for _, way := range [][2]*net.TCPConn{{upstream, downstream}, {downstream, upstream}} {
		both.Go(func() {
			_, copyErr := io.Copy(way[0], way[1])
			if copyErr != nil {
				// A reset on one side must reach the other as a reset, not as an orderly end.
				_ = way[0].SetLinger(0)
				_ = way[0].Close()
				return
			}
			_ = way[0].CloseWrite()
		})
	}
	both.Wait()
	return nil
}
