package networkpolicy

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/netip"
	"os"
	"time"

	"k8s.io/klog/v2"
)

// announceTimeout bounds one CNI call: the kubelet tries again with a new sandbox.
const announceTimeout = 10 * time.Second

// message is one request of the CNI plugin: a JSON object, answered by {} or {"error": "…"}.
type message struct {
	Command   string `json:"command"` // ADD or DEL
	Sandbox   string `json:"sandbox"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	UID       string `json:"uid"`
	IP        string `json:"ip"`
}

type reply struct {
	Error string `json:"error,omitempty"`
}

// Listen opens the Unix socket that the CNI plugin calls, in place of one that a predecessor left.
func Listen(path string) (net.Listener, error) {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return net.Listen("unix", path)
}

// Serve answers CNI calls until ctx ends.
func (c *Controller) Serve(ctx context.Context, listener net.Listener) {
	context.AfterFunc(ctx, func() { _ = listener.Close() })
	for {
		connection, err := listener.Accept()
		if err != nil {
			if ctx.Err() == nil {
				klog.ErrorS(err, "No more calls of the CNI plugin are taken")
			}
			return
		}
		go func() {
			defer connection.Close()
			_ = connection.SetDeadline(time.Now().Add(announceTimeout + time.Second))
			var request message
			var answer reply
			err := json.NewDecoder(connection).Decode(&request)
			if err == nil {
				err = c.handle(ctx, request)
			}
			if err != nil {
				answer.Error = err.Error()
			}
			_ = json.NewEncoder(connection).Encode(answer)
		}()
	}
}

func (c *Controller) handle(ctx context.Context, request message) error {
	key := request.Namespace + "/" + request.Name
	if request.Command != "ADD" {
		c.Withdraw(key, request.Sandbox)
		return nil
	}
	ip, err := netip.ParseAddr(request.IP)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, announceTimeout)
	defer cancel()
	return c.Announce(ctx, key, request.UID, request.Sandbox, ip)
}
