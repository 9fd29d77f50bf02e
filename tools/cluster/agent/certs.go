package main

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"
)

// certRequest is what `carrel-node certs` reads from standard input. Every file is written into Dir as
// NAME.crt and NAME.key; a name that stands in CAs and exists already in Dir is loaded, not replaced.
type certRequest struct {
	Dir   string     `json:"dir"`
	CAs   []string   `json:"cas"`
	Certs []certSpec `json:"certs"`
	Keys  []string   `json:"keys"` // bare key pairs: NAME.key and NAME.pub
}

type certSpec struct {
	Name   string   `json:"name"`
	CA     string   `json:"ca"`
	User   string   `json:"user"`   // common name
	Groups []string `json:"groups"` // organizations
	DNS    []string `json:"dns"`
	IPs    []string `json:"ips"`
	Server bool     `json:"server"` // a serving certificate; else a client certificate
}

type authority struct {
	cert *x509.Certificate
	key  crypto.Signer
}

const validity = 365 * 24 * time.Hour

func certs([]string) error {
	var request certRequest
	decoder := json.NewDecoder(os.Stdin)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&request); err != nil {
		return fmt.Errorf("standard input: %w", err)
	}
	return issue(request, time.Now())
}

func issue(request certRequest, now time.Time) error {
	authorities := map[string]authority{}
	for _, name := range request.CAs {
		ca, err := ensureAuthority(request.Dir, name, now)
		if err != nil {
			return fmt.Errorf("ca %s: %w", name, err)
		}
		authorities[name] = ca
	}
	for _, spec := range request.Certs {
		ca, known := authorities[spec.CA]
		if !known {
			return fmt.Errorf("certificate %s: no ca named %q", spec.Name, spec.CA)
		}
		if err := issueCert(request.Dir, ca, spec, now); err != nil {
			return fmt.Errorf("certificate %s: %w", spec.Name, err)
		}
	}
	for _, name := range request.Keys {
		key, err := newKey()
		if err != nil {
			return err
		}
		public, err := x509.MarshalPKIXPublicKey(key.Public())
		if err != nil {
			return err
		}
		if err := writePEM(filepath.Join(request.Dir, name+".pub"), "PUBLIC KEY", public, 0o644); err != nil {
			return err
		}
		if err := writeKey(filepath.Join(request.Dir, name+".key"), key); err != nil {
			return err
		}
	}
	return nil
}

func ensureAuthority(dir, name string, now time.Time) (authority, error) {
	certFile, keyFile := filepath.Join(dir, name+".crt"), filepath.Join(dir, name+".key")
	if _, err := os.Stat(certFile); err == nil {
		return loadAuthority(certFile, keyFile)
	}
	key, err := newKey()
	if err != nil {
		return authority{}, err
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: "carrel-" + name},
		NotBefore:             now.Add(-time.Hour),
		NotAfter:              now.Add(validity),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		IsCA:                  true,
		BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return authority{}, err
	}
	// The key goes first: a directory with a certificate in it is complete.
	if err := writeKey(keyFile, key); err != nil {
		return authority{}, err
	}
	if err := writePEM(certFile, "CERTIFICATE", der, 0o644); err != nil {
		return authority{}, err
	}
	cert, err := x509.ParseCertificate(der)
	return authority{cert, key}, err
}

func loadAuthority(certFile, keyFile string) (authority, error) {
	certPEM, err := os.ReadFile(certFile)
	if err != nil {
		return authority{}, err
	}
	keyPEM, err := os.ReadFile(keyFile)
	if err != nil {
		return authority{}, err
	}
	certBlock, _ := pem.Decode(certPEM)
	keyBlock, _ := pem.Decode(keyPEM)
	if certBlock == nil || keyBlock == nil {
		return authority{}, errors.New("not PEM")
	}
	cert, err := x509.ParseCertificate(certBlock.Bytes)
	if err != nil {
		return authority{}, err
	}
	key, err := x509.ParseECPrivateKey(keyBlock.Bytes)
	return authority{cert, key}, err
}

func issueCert(dir string, ca authority, spec certSpec, now time.Time) error {
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: spec.User, Organization: spec.Groups},
		NotBefore:   now.Add(-time.Hour),
		NotAfter:    now.Add(validity),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
		DNSNames:    spec.DNS,
	}
	if spec.Server {
		template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}
	for _, text := range spec.IPs {
		ip := net.ParseIP(text)
		if ip == nil {
			return fmt.Errorf("%q is not an IP address", text)
		}
		template.IPAddresses = append(template.IPAddresses, ip)
	}
	key, err := newKey()
	if err != nil {
		return err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, ca.cert, key.Public(), ca.key)
	if err != nil {
		return err
	}
	if err := writeKey(filepath.Join(dir, spec.Name+".key"), key); err != nil {
		return err
	}
	return writePEM(filepath.Join(dir, spec.Name+".crt"), "CERTIFICATE", der, 0o644)
}

func newKey() (*ecdsa.PrivateKey, error) {
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}

func writeKey(file string, key *ecdsa.PrivateKey) error {
	der, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		return err
	}
	return writePEM(file, "EC PRIVATE KEY", der, 0o600)
}

func writePEM(file, kind string, der []byte, mode os.FileMode) error {
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), mode)
}
