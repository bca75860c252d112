package api

import (
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics counts requests, on a registry of its own. Other parts may register theirs.
type Metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	inFlight prometheus.Gauge
	streams  prometheus.Gauge
}

// NewMetrics makes the counters and registers them, with those of Go and the process.
func NewMetrics() *Metrics {
	metrics := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "xunfang_http_requests_total", Help: "Requests answered, by operation and status.",
		}, []string{"operation", "status"}),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "xunfang_http_request_seconds", Help: "How long answering took, by operation.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"operation"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "xunfang_http_requests_in_flight", Help: "Requests being answered.",
		}),
		streams: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "xunfang_streams", Help: "Event streams that are open.",
		}),
	}
	metrics.registry.MustRegister(metrics.requests, metrics.took, metrics.inFlight, metrics.streams,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return metrics
}

// Registry is where other parts register what they count.
func (m *Metrics) Registry() prometheus.Registerer { return m.registry }

// Handler serves the metrics in Prometheus' form, for a second listener.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}

func (m *Metrics) begun() { m.inFlight.Inc() }

func (m *Metrics) finished(operation string, status int, milliseconds float64) {
	m.inFlight.Dec()
	m.requests.WithLabelValues(operation, strconv.Itoa(status)).Inc()
	m.took.WithLabelValues(operation).Observe(milliseconds / 1000)
}
