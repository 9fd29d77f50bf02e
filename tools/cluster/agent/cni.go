package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

// cniConfig is what a chained CNI plugin reads on standard input (CNI specification 1.0.0, section 2).
type cniConfig struct {
	CNIVersion string          `json:"cniVersion"`
	Socket     string          `json:"socket"` // ours: where `carrel-k8s network-policy` listens
	PrevResult json.RawMessage `json:"prevResult"`
}

type cniResult struct {
	IPs []struct {
		Address string `json:"address"`
	} `json:"ips"`
}

// cniAnnouncement is the request to network-policy; it answers {} or {"error": "…"}.
type cniAnnouncement struct {
	Command   string `json:"command"`
	Sandbox   string `json:"sandbox"`
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	UID       string `json:"uid"`
	IP        string `json:"ip"`
}

const cniTimeout = 12 * time.Second

// cni is the last plugin of the chain. It tells network-policy the address of a new pod and waits until the
// pod's rules are in the kernel, so that no container of the pod runs before; it changes nothing itself.
func cni([]string) error {
	err := runCNI(os.Getenv, os.Stdin, os.Stdout)
	if err == nil {
		return nil
	}
	// Section 5 of the specification: errors are an object on standard output; 100 and above are ours.
	_ = json.NewEncoder(os.Stdout).Encode(map[string]any{"cniVersion": "1.0.0", "code": 100, "msg": err.Error()})
	return err
}

func runCNI(env func(string) string, in io.Reader, out io.Writer) error {
	command := env("CNI_COMMAND")
	if command == "" {
		return errors.New("CNI_COMMAND is not set: run by a container runtime, or with a command")
	}
	if command == "VERSION" {
		return json.NewEncoder(out).Encode(map[string]any{
			"cniVersion": "1.0.0", "supportedVersions": []string{"0.4.0", "1.0.0"},
		})
	}
	var config cniConfig
	if err := json.NewDecoder(in).Decode(&config); err != nil {
		return fmt.Errorf("network configuration: %w", err)
	}
	request := cniAnnouncement{Command: command, Sandbox: env("CNI_CONTAINERID")}
	for _, pair := range strings.Split(env("CNI_ARGS"), ";") {
		switch name, value, _ := strings.Cut(pair, "="); name {
		case "K8S_POD_NAMESPACE":
			request.Namespace = value
		case "K8S_POD_NAME":
			request.Name = value
		case "K8S_POD_UID":
			request.UID = value
		}
	}
	switch command {
	case "ADD":
		ip, err := addressOf(config.PrevResult)
		if err != nil {
			return err
		}
		request.IP = ip
		if err := announce(config.Socket, request); err != nil {
			return err
		}
		_, err = out.Write(config.PrevResult)
		return err
	case "DEL":
		// A deletion must succeed without the listener: the pod's end reaches it through the API server too.
		_ = announce(config.Socket, request)
		return nil
	default: // CHECK, GC, STATUS
		return nil
	}
}

func addressOf(result json.RawMessage) (string, error) {
	var decoded cniResult
	if err := json.Unmarshal(result, &decoded); err != nil {
		return "", fmt.Errorf("prevResult: %w", err)
	}
	for _, entry := range decoded.IPs {
		if ip, _, err := net.ParseCIDR(entry.Address); err == nil && ip.To4() != nil {
			return ip.String(), nil
		}
	}
	return "", errors.New("prevResult has no IPv4 address: this plugin goes last in the chain")
}

func announce(socket string, request cniAnnouncement) error {
	connection, err := net.DialTimeout("unix", socket, cniTimeout)
	if err != nil {
		return fmt.Errorf("network-policy does not run: %w", err)
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(cniTimeout)); err != nil {
		return err
	}
	if err := json.NewEncoder(connection).Encode(request); err != nil {
		return err
	}
	var answer struct {
		Error string `json:"error"`
	}
	if err := json.NewDecoder(connection).Decode(&answer); err != nil {
		return fmt.Errorf("network-policy did not answer: %w", err)
	}
	if answer.Error != "" {
		return errors.New(answer.Error)
	}
	return nil
}
