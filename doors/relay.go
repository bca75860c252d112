package doors

import (
	"context"

	"github.com/eclipse/paho.golang/paho"
)

// received handles one command.
func (c *Controller) received(_ string, message *paho.Publish) {
	answer, answered := c.panel.Receive(Message{Payload: message.Payload, Retained: message.Retain})
	if !answered {
		return
	}
	select {
	case c.answers <- answer:
	default:
		c.config.Logger.Warn("too many answers waiting")
	}
	c.renew()
}

// renew ends a session whose clock was set, by connecting again.
func (c *Controller) renew() {
	if c.client.isReady() && c.panel.Lapsed() {
		c.config.Logger.Warn("the clock was set: connecting again")
		c.client.cut()
	}
}

// answer sends acknowledgements in their order, each once: what the broker does not take is
// lost, and the server sees the command expire without an answer.
func (c *Controller) answer(ctx context.Context) {
	defer c.client.recovered("answer")
	for {
		select {
		case <-ctx.Done():
			return
		case ack := <-c.answers:
			limited, cancel := context.WithTimeout(ctx, answerLimit)
			if err := c.client.publish(limited, ack.Topic, ack.Payload, 0); err != nil {
				c.config.Logger.Warn("answer lost", "error", err)
			}
			cancel()
		}
	}
}
