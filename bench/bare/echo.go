package main

import (
	"context"
	"net"
	"time"

	"github.com/eclipse/paho.golang/paho"
)

// echo answers each message on the topic + "/commands" by one of answerSize bytes on the topic + "/acks", both of QoS 1, as a
// controller does, until the connection ends. A controller is another program than the server, and so is this.
func echo(address, device, topic, password string) error {
	ctx := context.Background()
	connection, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return err
	}
	heard, answer := make(chan struct{}, 1), make([]byte, answerSize)
	client := paho.NewClient(paho.ClientConfig{
		Conn: connection, PacketTimeout: 10 * time.Second,
		OnPublishReceived: []func(paho.PublishReceived) (bool, error){func(paho.PublishReceived) (bool, error) {
			heard <- struct{}{}
			return true, nil
		}},
	})
	if _, err := client.Connect(ctx, &paho.Connect{
		ClientID: device, CleanStart: true, KeepAlive: 20, UsernameFlag: true, Username: device, PasswordFlag: true,
		Password: []byte(password),
	}); err != nil {
		return err
	}
	_, err = client.Subscribe(ctx, &paho.Subscribe{Subscriptions: []paho.SubscribeOptions{{Topic: topic + "/commands", QoS: 1}}})
	for err == nil {
		select {
		case <-heard:
			_, err = client.Publish(ctx, &paho.Publish{QoS: 1, Topic: topic + "/acks", Payload: answer})
		case <-client.Done():
			return nil
		}
	}
	return err
}

const answerSize = 170 // bytes of a controller's answer
