package doors

import (
	"context"
	"testing"

	"xunfang/models"
)

func embedded(t testing.TB, change func(*BrokerConfig)) *Broker {
	t.Helper()
	config := BrokerConfig{
		Address: "127.0.0.1:0", ServerUser: serverUser, ServerPassword: serverPassword, Logger: silent(),
		CheckDevice: func(_ context.Context, deviceID models.ID, secret models.Secret) bool {
			want, known := accounts()[deviceID]
			return known && equalSecrets(secret, want)
		},
		Limits: BrokerLimits{MessagesPerSecond: 1000},
	}
	if change != nil {
		change(&config)
	}
	broker, err := NewBroker(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := broker.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Close)
	return broker
}

func TestEmbeddedBroker(t *testing.T) {
	scenarios(t, "mqtt://"+embedded(t, nil).Address())
}
