package main

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func readCert(t *testing.T, dir, name string) *x509.Certificate {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, name+".crt"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(content)
	cert, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

func TestIssuedCertificatesVerify(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	err := issue(certRequest{
		Dir: dir, CAs: []string{"ca", "other"}, Keys: []string{"service-account"},
		Certs: []certSpec{
			{Name: "server", CA: "ca", User: "s", Server: true, DNS: []string{"kubernetes.default.svc"}, IPs: []string{"10.96.0.1"}},
			{Name: "client", CA: "ca", User: "alice", Groups: []string{"learners"}},
		},
	}, now)
	if err != nil {
		t.Fatal(err)
	}
	// A later request finds the authority and does not replace it.
	if err := issue(certRequest{Dir: dir, CAs: []string{"ca"}, Certs: []certSpec{{Name: "late", CA: "ca", User: "late"}}}, now); err != nil {
		t.Fatal(err)
	}
	roots, others := x509.NewCertPool(), x509.NewCertPool()
	roots.AddCert(readCert(t, dir, "ca"))
	others.AddCert(readCert(t, dir, "other"))
	for name, usage := range map[string]x509.ExtKeyUsage{
		"server": x509.ExtKeyUsageServerAuth, "client": x509.ExtKeyUsageClientAuth, "late": x509.ExtKeyUsageClientAuth,
	} {
		cert := readCert(t, dir, name)
		if _, err := cert.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: []x509.ExtKeyUsage{usage}}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := cert.Verify(x509.VerifyOptions{Roots: others, KeyUsages: []x509.ExtKeyUsage{usage}}); err == nil {
			t.Errorf("%s verifies under another authority", name)
		}
	}
	server := readCert(t, dir, "server")
	if server.VerifyHostname("10.96.0.1") != nil || server.VerifyHostname("kubernetes.default.svc") != nil {
		t.Error("subject alternative names are missing")
	}
	client := readCert(t, dir, "client")
	if client.Subject.CommonName != "alice" || client.Subject.Organization[0] != "learners" {
		t.Errorf("subject %v", client.Subject)
	}
	if info, err := os.Stat(filepath.Join(dir, "client.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("key file: %v %v", info.Mode(), err)
	}
	if _, err := os.Stat(filepath.Join(dir, "service-account.pub")); err != nil {
		t.Error(err)
	}
}
