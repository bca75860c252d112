package doors

import (
	"context"
	"fmt"

	"github.com/eclipse/paho.golang/paho"
)

// received handles one command. What is not signed by the server gets no answer at all:
// an answer would tell a stranger that somebody listens, and what for.
func (c *Controller) received(_ string, message *paho.Publish) {
	if message.Retain || len(message.Payload) > maxMessage {
		return
	}
	payload, err := c.config.Verify(string(message.Payload))
	if err != nil {
		c.config.Logger.Info("command without a good signature", "error", err)
		return
	}
	command, err := decodeCommand(payload)
	if err != nil {
		c.config.Logger.Info("command not understood", "error", err)
		return
	}
	select {
	case c.answers <- c.act(command):
	default:
		c.config.Logger.Warn("too many answers waiting", "command_id", command.ID)
	}
}

// act judges a command and, if it holds, pulses the relay: the id is remembered first, so that
// nothing that happens afterwards can make it pulse twice.
func (c *Controller) act(command Command) Ack {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	now := c.config.Now()
	verdict := Judge(command, State{
		DeviceID: c.config.DeviceID, DoorIDs: c.config.DoorIDs, Nonce: c.nonce,
		Acted: c.memory.acked, Full: c.memory.full(now),
	}, now)
	if !verdict.Act {
		return verdict.Answer
	}
	answer := Ack{ID: command.ID, DoorID: command.DoorID, Result: ResultFailed, Reason: ReasonRelay, At: now}
	c.memory.remember(command, answer)
	if err := c.pulse(command); err != nil {
		c.config.Logger.Error("relay failed", "error", err)
		return answer
	}
	answer.Result, answer.Reason, answer.At = ResultOpened, "", c.config.Now()
	c.memory.remember(command, answer)
	return answer
}

func (c *Controller) pulse(command Command) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("doors: relay: %v", cause)
		}
	}()
	c.config.Relay(command.DoorID, command.ID)
	for id := range c.pulses {
		if _, known := c.memory.acked[id]; !known {
			delete(c.pulses, id)
		}
	}
	c.pulses[command.ID]++
	return nil
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
			payload, err := ack.encode()
			if err != nil {
				continue
			}
			limited, cancel := context.WithTimeout(ctx, answerLimit)
			if err := c.client.publish(limited, deviceTopic(c.config.DeviceID, leafAcks), payload, 0); err != nil {
				c.config.Logger.Warn("answer lost", "command_id", ack.ID, "error", err)
			}
			cancel()
		}
	}
}
