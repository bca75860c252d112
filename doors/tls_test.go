package doors

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
)

func TestBrokerOverTLS(t *testing.T) {
	certFile, keyFile, roots := certificate(t)
	broker := embedded(t, func(config *BrokerConfig) { config.CertFile, config.KeyFile = certFile, keyFile })
	r := newRig(t, "mqtts://"+broker.Address(), func(config *LinkConfig) {
		config.TLS = &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	})
	if _, err := r.link.RoundTrip(t.Context()); err != nil {
		t.Fatal(err)
	}
	address, err := parseBroker(r.url)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dial(t.Context(), address, nil); err == nil {
		t.Error("trusted a certificate that nobody vouches for")
	}
}

func certificate(t *testing.T) (certFile, keyFile string, roots *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), IsCA: true, BasicConstraintsValid: true,
		NotBefore: noon.AddDate(-20, 0, 0), NotAfter: noon.AddDate(50, 0, 0), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	key, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	certFile, keyFile = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem")
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	for name, text := range map[string][]byte{certFile: certPEM, keyFile: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})} {
		if err := os.WriteFile(name, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM(certPEM)
	return certFile, keyFile, roots
}
