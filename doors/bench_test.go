package doors

import (
	"context"
	"testing"

	"xunfang/models"
)

func BenchmarkEmbeddedBroker(b *testing.B) { benchmarks(b, "mqtt://"+embedded(b, nil).Address()) }

func BenchmarkMosquitto(b *testing.B) { benchmarks(b, mosquitto(b)) }

// benchmarks: what the broker costs alone, and what a door costs from Send to its answer.
func benchmarks(b *testing.B, address string) {
	b.Run("round trip", func(b *testing.B) {
		r := newRig(b, address)
		for b.Loop() {
			if _, err := r.link.RoundTrip(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("send, relay, answer", func(b *testing.B) {
		answered := make(chan models.ID, 1)
		r := newRig(b, address, func(config *LinkConfig) { config.Sink = answers{config.Sink, answered} })
		controller := r.controllerA()
		for b.Loop() {
			r.clock.advance(MaxLifetime) // so that the controller may forget
			command := r.command(doorA1)
			if err := r.link.Send(b.Context(), deviceA, command); err != nil {
				b.Fatal(err)
			}
			if got := <-answered; got != command.ID || controller.Pulses(got) != 1 {
				b.Fatal("another answer")
			}
		}
	})
}

type answers struct {
	Sink
	answered chan models.ID
}

func (a answers) Acknowledged(_ context.Context, _ models.ID, ack Ack) error {
	a.answered <- ack.ID
	return nil
}
