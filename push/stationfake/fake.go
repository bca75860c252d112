// Package stationfake is a station's own system as the Standard Webhooks specification wants it: it believes what is signed
// with its secret and is not too old, and takes each id once. It is for tests.
package stationfake

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"time"

	"xunfang/models"
)

// Message is one that was believed.
type Message struct{ ID, Body string }

// Fake is a receiver.
type Fake struct {
	server *httptest.Server
	now    func() time.Time

	mutex   sync.Mutex
	key     []byte
	answers []int // what the next requests are answered with; then 204
	taken   map[string]bool
	heard   []Message
	refused int
	repeats int

	callbacks int // that it made itself
}

// New starts a receiver; Close ends it.
func New(secret models.Secret, now func() time.Time) *Fake {
	fake := &Fake{now: now, taken: map[string]bool{}}
	fake.Know(secret)
	fake.server = httptest.NewTLSServer(http.HandlerFunc(fake.serve))
	return fake
}

// URL is where it stands; its path holds a key, as many do.
func (f *Fake) URL() models.Secret { return models.Secret(f.server.URL + "/alerts/of-the-maker") }

// TLS believes its certificate.
func (f *Fake) TLS() *tls.Config {
	pool := x509.NewCertPool()
	pool.AddCert(f.server.Certificate())
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
}

// Close ends it.
func (f *Fake) Close() { f.server.Close() }

// Know gives it the secret by which it knows the sender.
func (f *Fake) Know(secret models.Secret) {
	key, _ := models.WebhookKey(secret)
	f.mutex.Lock()
	f.key = key
	f.mutex.Unlock()
}

// Answer sets what the next requests are answered with, believed or not.
func (f *Fake) Answer(statuses ...int) {
	f.mutex.Lock()
	f.answers = statuses
	f.mutex.Unlock()
}

// Heard lists what was believed, each id once.
func (f *Fake) Heard() []Message {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return append([]Message{}, f.heard...)
}

// Counts tells how many requests were not believed, and how many were repeats.
func (f *Fake) Counts() (refused, repeats int) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.refused, f.repeats
}

func (f *Fake) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(io.LimitReader(r.Body, 20<<10)) // the specification's advice for the largest
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if len(f.answers) > 0 {
		status := f.answers[0]
		f.answers = f.answers[1:]
		w.WriteHeader(status)
		return
	}
	id := r.Header.Get(models.WebhookHeaderID)
	at, signature := r.Header.Get(models.WebhookHeaderTimestamp), r.Header.Get(models.WebhookHeaderSignature)
	genuine := models.WebhookGenuine(f.key, id, at, signature, body, f.now())
	switch {
	case !genuine:
		f.refused++
		w.WriteHeader(http.StatusUnauthorized)
		return
	case f.taken[id]:
		f.repeats++
	default:
		f.taken[id] = true
		f.heard = append(f.heard, Message{id, string(body)})
	}
	w.WriteHeader(http.StatusNoContent)
}
