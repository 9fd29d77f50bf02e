package main

import (
	"bytes"
	"encoding/json"
	"net"
	"path/filepath"
	"strings"
	"testing"
)

const prevResult = `{"cniVersion":"1.0.0","ips":[{"address":"10.244.0.7/32","gateway":"10.244.0.1"}]}`

// callCNI runs the plugin against a listener that gives answer, and returns what each side saw.
func callCNI(t *testing.T, command, answer string) (request cniAnnouncement, output string, err error) {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	served := make(chan cniAnnouncement, 1)
	go func() {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		defer connection.Close()
		var got cniAnnouncement
		_ = json.NewDecoder(connection).Decode(&got)
		served <- got
		_, _ = connection.Write([]byte(answer))
	}()
	env := map[string]string{
		"CNI_COMMAND": command, "CNI_CONTAINERID": "sandbox1",
		"CNI_ARGS": "IgnoreUnknown=1;K8S_POD_NAMESPACE=desk;K8S_POD_NAME=web;K8S_POD_UID=u1",
	}
	config := `{"cniVersion":"1.0.0","type":"x","socket":"` + socket + `","prevResult":` + prevResult + `}`
	var out bytes.Buffer
	err = runCNI(func(name string) string { return env[name] }, strings.NewReader(config), &out)
	return <-served, out.String(), err
}

func TestAddAnnouncesAndPassesTheResultOn(t *testing.T) {
	request, output, err := callCNI(t, "ADD", `{}`)
	if err != nil || output != prevResult {
		t.Errorf("got %q, %v", output, err)
	}
	want := cniAnnouncement{"ADD", "sandbox1", "desk", "web", "u1", "10.244.0.7"}
	if request != want {
		t.Errorf("announced %+v", request)
	}
}

func TestAddFailsClosed(t *testing.T) {
	if _, output, err := callCNI(t, "ADD", `{"error":"no rules"}`); err == nil || output != "" {
		t.Errorf("got %q, %v", output, err)
	}
	if _, _, err := callCNI(t, "ADD", ``); err == nil {
		t.Error("a listener that goes away counts as success")
	}
}

func TestDelSucceedsWhateverTheListenerSays(t *testing.T) {
	request, _, err := callCNI(t, "DEL", `{"error":"x"}`)
	if err != nil || request.Command != "DEL" || request.Sandbox != "sandbox1" {
		t.Errorf("got %+v, %v", request, err)
	}
}
