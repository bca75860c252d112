package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/pprof"
	"os"

	"github.com/prometheus/client_golang/prometheus"
)

// metricsMux serves Prometheus metrics and profiles; it is for the operator only.
func (s *service) metricsMux() http.Handler {
	gauge := func(name, help string, read func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "xunfang", Name: name, Help: help}, read)
	}
	s.metrics.Registry().MustRegister(
		gauge("store_commits", "Commits that reached the disk since the start.", func() float64 { return float64(s.store.Stats().Commits) }),
		gauge("store_transactions", "Decisions those commits carried.", func() float64 { return float64(s.store.Stats().Transactions) }),
		gauge("store_queued", "Decisions that wait for a commit now.", func() float64 { return float64(s.store.Stats().Queued) }),
		gauge("push_held", "Pushes that wait for the end of somebody's quiet hours.", func() float64 { return float64(s.server.HeldPushes()) }),
		gauge("push_addresses_stale", "Push addresses not registered anew for 30 days: used for urgent alerts only.", func() float64 {
			return float64(s.server.StaleAddresses())
		}),
		gauge("doors_dropped", "Reports of doors dropped because too many waited.", func() float64 { return float64(s.link.Dropped()) }),
		gauge("doors_connected", "1 while the door broker is connected.", func() float64 {
			if s.link.Ready() != nil {
				return 0
			}
			return 1
		}),
	)
	if s.pusher != nil {
		s.metrics.Registry().MustRegister(pushCollector{s.pusher})
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.metrics.Handler())
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	return mux
}

// ownBrokerTLS makes the server's own client trust the certificate of its embedded broker; nil without one.
func ownBrokerTLS(s *settings) (*tls.Config, error) {
	if s.BrokerCert == "" {
		return nil, nil //nolint:nilnil // no TLS is what was asked for
	}
	pem, err := os.ReadFile(s.BrokerCert)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, errors.New("--broker-cert holds no certificate")
	}
	pair, err := tls.LoadX509KeyPair(s.BrokerCert, s.BrokerKey)
	if err != nil {
		return nil, err
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		return nil, err
	}
	config := &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}
	if len(leaf.DNSNames) > 0 {
		config.ServerName = leaf.DNSNames[0] // it is reached by address, the certificate is for its name
	}
	return config, nil
}
