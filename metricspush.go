package main

import (
	"github.com/prometheus/client_golang/prometheus"

	"xunfang/push"
)

var (
	pushCircuit = prometheus.NewDesc("xunfang_push_circuit",
		"By channel: 0 while its provider takes messages, 2 while it takes none and what is due waits, 1 while one is tried.",
		[]string{"channel"}, nil)
	pushUnderWay = prometheus.NewDesc("xunfang_push_under_way", "By channel: attempts under way now.", []string{"channel"}, nil)
)

// pushCollector gives how each way to phones does.
type pushCollector struct{ worker *push.Worker }

// Describe implements prometheus.Collector.
func (pushCollector) Describe(descriptions chan<- *prometheus.Desc) {
	descriptions <- pushCircuit
	descriptions <- pushUnderWay
}

// Collect implements prometheus.Collector.
func (p pushCollector) Collect(metrics chan<- prometheus.Metric) {
	level := map[push.CircuitState]float64{push.CircuitHalfOpen: 1, push.CircuitOpen: 2}
	for _, one := range p.worker.Channels() {
		metrics <- prometheus.MustNewConstMetric(pushCircuit, prometheus.GaugeValue, level[one.Circuit], one.Channel)
		metrics <- prometheus.MustNewConstMetric(pushUnderWay, prometheus.GaugeValue, float64(one.UnderWay), one.Channel)
	}
}
